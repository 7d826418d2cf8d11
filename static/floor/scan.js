// Looks up what was scanned and offers the one next action, scan after scan.

import { fill, onPress, word } from "./pieces.js";
import { warn } from "./say.js";
import { renew, token } from "./visit.js";

const AGAIN = 3000; // Milliseconds until a code that was kept is tried again.
const YES = "A-YES"; // A code to be scanned instead of pressing the offered button.
const WAITING = "andon.codes";
const sheet = document.getElementById("found");
const tools = document.getElementById("tools");

let send;
let offered = null;
let asked = 0; // Lookups so far: what a newer one has overtaken is not shown.
let retrying;

export function startScan(given) {
  send = given;
  onPress(sheet, "act", act);
  onPress(sheet, "close", close);
  sheet.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("submit", takeTyped);
  addEventListener("online", lookUpWaiting);
  lookUpWaiting();
}

export async function scanned(code) {
  if (code.toUpperCase() === YES && offered) return act();
  const turn = ++asked;
  draw({ says: `${code} …` }); // At once: it was heard.
  const found = await lookUp(code);
  if (turn !== asked) return; // A newer code is in hand.
  if (found) show(found);
  else close();
}

// The form for typing a code.
function takeTyped(event) {
  const { target: form } = event;
  if (new URL(form.action).pathname !== tools.dataset.scan) return;
  event.preventDefault();
  const code = form.elements.code.value.trim();
  form.reset();
  if (code) scanned(code);
}

async function lookUp(code) {
  if (!navigator.onLine) return put(code);
  try {
    let response = await ask(code);
    if (response.status === 403 && (await renew())) response = await ask(code); // The page's token was old.
    if (response.type === "opaqueredirect" || response.status === 401) return void location.reload();
    if (response.status === 403 || response.status === 429 || response.status >= 500) return void warn(word("code-failed", { code }));
    return await response.json();
  } catch {
    return put(code);
  }
}

// In the body: an address stands in logs, and the code may be a badge.
const ask = (code) =>
  fetch(tools.dataset.scan, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token() },
    body: new URLSearchParams({ code }),
    redirect: "manual",
  });

// Without the network a code is kept until it is back.
function put(code) {
  if (!read().includes(code)) {
    write([...read(), code]);
    warn(word("code-kept", { code }));
  }
  clearTimeout(retrying);
  retrying = setTimeout(lookUpWaiting, AGAIN);
}

async function lookUpWaiting() {
  const [code] = read();
  if (code === undefined || !navigator.onLine || !sheet.hidden) return;
  const turn = ++asked;
  const found = await lookUp(code);
  if (!found || turn !== asked) return;
  write(read().filter((each) => each !== code));
  show(found);
}

function show(found) {
  if (found.kind === "user") return location.assign(found.page);
  if ("refused" in found) draw({ says: found.refused });
  else draw(found);
  sheet.querySelector(offered ? '[data-does="act"]' : "h2").focus();
}

function draw({ says, why, action = null, page }) {
  offered = action;
  fill(sheet, { says, why: why || null, waiting: read().length });
  sheet.querySelector('[data-slot="more"]').hidden = read().length === 0;
  const button = sheet.querySelector('[data-does="act"]');
  button.hidden = !action;
  button.textContent = action?.word ?? "";
  const link = sheet.querySelector('[data-slot="page"]');
  link.hidden = !page;
  link.href = page ?? "";
  sheet.hidden = false;
}

async function act() {
  const { address, fields = {}, word: does } = offered;
  const says = `${does}: ${sheet.querySelector("h2").textContent}`;
  close();
  await send({ address, fields: Object.entries(fields).map(([name, value]) => [name, String(value)]), says });
}

function close() {
  offered = null;
  if (sheet.contains(document.activeElement)) document.getElementById("main").focus({ preventScroll: true });
  sheet.hidden = true;
  lookUpWaiting();
}

const read = () => JSON.parse(sessionStorage.getItem(WAITING) ?? "[]");
const write = (codes) => sessionStorage.setItem(WAITING, JSON.stringify(codes));
