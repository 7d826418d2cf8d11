// Asks for the page again every few seconds, and takes it in only when something is different.

import { announce, word } from "./supervision_send.js";

const watched = () => document.querySelector("[data-watched]");
const holds = new Set(); // Why the page is not to change under the hand just now.
let timer = 0;
let asking = null;

export function startWatching() {
  if (!watched()) return;
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : refresh()));
  addEventListener("online", refresh);
  plan();
}

// Keep the page as it is while something is dragged, typed or open over it.
export const hold = (why) => holds.add(why);
export const release = (why) => holds.delete(why);

export function refresh() {
  asking ??= ask().finally(() => {
    asking = null;
    plan();
  });
  return asking;
}

function plan() {
  stop();
  const seconds = Number(watched()?.dataset.pollSeconds);
  if (seconds && !document.hidden) timer = setTimeout(refresh, seconds * 1000);
}

function stop() {
  clearTimeout(timer);
}

async function ask() {
  const shown = watched();
  if (!shown || holds.size) return;
  try {
    const response = await fetch(location.href, {
      cache: "no-store",
      headers: { Accept: "text/html", "If-None-Match": shown.dataset.watched },
    });
    if (response.status === 304) return;
    if (response.redirected) return location.assign(response.url);
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-watched]");
    if (fresh && shown.isConnected && !holds.size && !isChoosing(shown)) swap(shown, fresh);
  } catch {
    // The network is gone: what is shown stays, and it is asked again.
  }
}

const isChoosing = (shown) => shown.contains(document.activeElement) && document.activeElement.matches("select");

// Put the new page in place, with focus, scroll and what is open as they were.
function swap(shown, fresh) {
  const focused = pathOf(document.activeElement, shown);
  const scrolled = [...shown.querySelectorAll(".column, .calls")].map((each) => each.scrollTop);
  const notices = [...shown.querySelectorAll(".message--error")].map((each) => [each.closest("[id]")?.id, each]);
  const known = new Set([...shown.querySelectorAll(".call")].map((each) => each.id));
  shown.replaceWith(document.adoptNode(fresh));
  fresh.querySelectorAll(".column, .calls").forEach((each, place) => (each.scrollTop = scrolled[place] ?? 0));
  for (const [id, notice] of notices) id && document.getElementById(id)?.append(notice);
  if (focused) fresh.querySelector(focused)?.focus({ preventScroll: true });
  for (const call of fresh.querySelectorAll(".call")) {
    if (!known.has(call.id)) announce(`${word("call")}: ${call.querySelector(".call__place").textContent.trim()}`);
  }
}

function pathOf(element, within) {
  if (!element || !within.contains(element)) return "";
  if (element.id) return `#${CSS.escape(element.id)}`;
  const owner = element.closest("[id]");
  if (!owner || !within.contains(owner)) return "";
  const inside = [...owner.querySelectorAll("a, button, summary")].indexOf(element);
  return inside < 0 ? "" : `#${CSS.escape(owner.id)} :is(a, button, summary)`;
}
