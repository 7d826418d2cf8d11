// Pages within the page: fetched and put in place of <main>, so that focus, timers and what is not sent outlive them.
// Some are kept in memory, to open where the network is gone.

import { main } from "./pieces.js";

const PATIENCE = 3000; // Milliseconds: then a kept page is shown instead.
const KEPT_AT_MOST = 12;
const kept = new Map(); // address -> { page: Document, at }
const here = () => location.pathname + location.search;
let shown = here();
const settings = { home: "/", onSwap: () => {}, skew: 0 };

export function startVisits(given) {
  Object.assign(settings, given);
  readClock(document);
  keep(location.pathname, document.cloneNode(true));
  addEventListener("popstate", () => here() !== shown && visit(here(), { isBack: true }));
  document.addEventListener("click", follow);
}

// The shop's clock: the device's may be wrong.
export const now = () => Date.now() - settings.skew;

export const isHome = () => location.pathname === settings.home;

// Show a page of ours. Resolves to false where it cannot be had.
export async function visit(address, { isBack = false, isKeptEnough = false } = {}) {
  document.documentElement.dataset.busy = "";
  try {
    const page = (isKeptEnough && keptAt(address)) || (await fetchPage(address)) || keptAt(address);
    if (!page) return false;
    if (page.isElsewhere) return location.assign(page.isElsewhere);
    if (!isBack && address !== here()) history.pushState(null, "", address);
    swap(page);
    scrollTo(0, 0);
    (main().querySelector("[autofocus]") ?? main()).focus();
    return true;
  } finally {
    delete document.documentElement.dataset.busy;
  }
}

// Fetch this page again, unless something is being typed into it. Focus stays where it was. False where the page stays as it is.
export async function refresh() {
  const address = here();
  const page = await fetchPage(address);
  if (page?.isElsewhere) location.assign(page.isElsewhere);
  if (!page || page.isElsewhere || address !== here() || isTyping()) return false;
  const focused = signatures(document.activeElement);
  swap(page);
  for (const selector of focused) {
    const again = selector && main().querySelector(selector);
    if (again) {
      again.focus({ preventScroll: true });
      break;
    }
  }
  if (focused.length && document.activeElement === document.body) main().focus({ preventScroll: true });
  return true;
}

// Fetch the page only to learn whether its user is still the same, and their token. False if the page is another's now.
export async function renew() {
  const page = await fetchPage(here());
  if (page?.isElsewhere) location.assign(page.isElsewhere);
  return Boolean(page) && !page.isElsewhere;
}

export const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

// Keep the pages that links marked data-keep lead to, and home: they open without the network.
export async function keepAhead() {
  const wanted = [settings.home, ...[...main().querySelectorAll("a[data-keep]")].map((link) => link.pathname)];
  if (isHome()) for (const address of kept.keys()) if (!wanted.includes(address)) kept.delete(address);
  for (const address of wanted.slice(0, KEPT_AT_MOST)) if (!kept.has(address)) await fetchPage(address);
}

export function forget(step) {
  for (const address of kept.keys()) if (address.startsWith(step) && address !== settings.home) kept.delete(address);
}

async function fetchPage(address) {
  if (!navigator.onLine) return null;
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), keptAt(address) ? PATIENCE : 5 * PATIENCE);
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" }, signal: control.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = new URL(response.url);
    if (response.status >= 500 || response.status === 429) return null;
    // Signed out, someone else's, or no page of ours: the browser shall show it.
    if (!isOurs(found.pathname) || !response.ok || page.body.dataset.user !== document.body.dataset.user) {
      return { isElsewhere: response.url };
    }
    readClock(page);
    renewTokens(page);
    keep(found.pathname, page);
    return page;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function keep(address, page) {
  const copy = page.cloneNode(true);
  for (const passing of copy.querySelectorAll("main .messages, main .toast")) passing.remove();
  kept.set(address, copy);
}

const keptAt = (address) => kept.get(address.split("?")[0])?.cloneNode(true);

const isOurs = (path) => path.startsWith(settings.home) || path === location.pathname;

function swap(page) {
  shown = here();
  document.title = page.title;
  main().replaceWith(document.adoptNode(page.getElementById("main")));
  settings.onSwap();
}

function readClock(page) {
  const told = page.querySelector("[data-now]")?.dataset.now;
  if (told) settings.skew = Date.now() - Date.parse(told);
}

function renewTokens(page) {
  const fresh = page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  if (!fresh) return;
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = fresh;
}

async function follow(event) {
  const link = event.target.closest("a[href]");
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
  if (link.origin !== location.origin || !isOurs(link.pathname) || !isOurs(location.pathname)) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  const isShown = await visit(link.pathname + link.search);
  link.removeAttribute("aria-busy");
  if (isShown === false) settings.onMissing();
}

function isTyping() {
  const fields = main().querySelectorAll("form input:not([type=hidden]), form textarea, form select");
  return [...fields].some((field) =>
    field.matches("select")
      ? field === document.activeElement
      : field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  );
}

// How the focused element may be found again in the new page, the surest first.
function signatures(element) {
  if (!element || !main().contains(element)) return [];
  const quote = (value) => CSS.escape(value ?? "");
  const action = element.form?.getAttribute("action");
  const card = element.closest(".card")?.querySelector("a[href]")?.getAttribute("href");
  return [
    element.id && `#${quote(element.id)}`,
    action && element.name && `form[action="${quote(action)}"] [name="${quote(element.name)}"][value="${quote(element.value)}"]`,
    action && element.type === "submit" && `form[action="${quote(action)}"] [type=submit]`,
    element.getAttribute("href") && `a[href="${quote(element.getAttribute("href"))}"]`,
    card && `.card a[href="${quote(card)}"]`,
  ];
}
