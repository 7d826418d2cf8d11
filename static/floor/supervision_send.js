// Sends one change, and tells what became of it. Without the network it waits on the device, as operators' actions do.

import { Outbox } from "./outbox.js";
import { startUnsent } from "./unsent.js";
import { renew, token } from "./visit.js";

const words = document.getElementById("supervision-words").dataset;
const SHOWN = 6000; // Milliseconds. What was refused stays until it is closed.
const PATIENCE = 3000; // Milliseconds for an answer; after that the change is told to wait.

const { user = "", name = "" } = document.body.dataset;
const outbox = new Outbox({ user: { id: user, name }, token, renew });
const awaited = new Set(); // Keys of the entries whose answer somebody waits for.

const told = document.createElement("div");
told.className = "told";
told.setAttribute("role", "status");
document.body.append(told);

// refresh(): shows the page as it is when something that had waited was done.
export function startSending(refresh) {
  startUnsent({ outbox, send: (entry) => outbox.repair(entry, entry.fields) });
  outbox.addEventListener("sent", ({ detail: { entry, answer } }) => {
    if (awaited.has(entry.key)) return;
    show(answer.done, "success");
    refresh();
  });
  outbox.addEventListener("refused", ({ detail: { entry, answer } }) => {
    if (!awaited.has(entry.key)) show(`${entry.says}: ${answer.refused ?? words.failed}`, "warning");
  });
  outbox.open();
}

// Keep a change on the device and send it. Resolves to {done}, {refused}, or {waits} where no answer comes soon.
export async function send({ address, fields, says }) {
  const { pathname, search } = new URL(address, location.href);
  const path = pathname + search;
  // It waits already, and was tapped again.
  if (outbox.mine.some((each) => !each.refusal && each.address === path && each.says === says)) return { waits: says };
  const entry = await outbox.add({ address: path, fields: [...fields], says });
  awaited.add(entry.key);
  const answer = await answered(entry);
  awaited.delete(entry.key);
  if (answer?.type === "sent") return answer.detail.answer;
  if (answer) {
    await outbox.remove(entry); // Told beside what was tried: nobody has to look for it in the list.
    return { refused: words.failed, ...answer.detail.answer };
  }
  if (outbox.isSignedOut && outbox.signIn) location.assign(outbox.signIn);
  const isWaiting = outbox.mine.some((each) => each.key === entry.key);
  return isWaiting ? { waits: says } : { done: says }; // Another tab may have sent it.
}

// Resolves with the event that says how the entry was answered; with nothing where no answer comes soon.
function answered({ key }) {
  return new Promise((resolve) => {
    const control = new AbortController();
    const end = (event) => {
      control.abort();
      resolve(event);
    };
    const listen = (event) => event.detail.entry.key === key && end(event);
    for (const type of ["sent", "refused"]) outbox.addEventListener(type, listen, { signal: control.signal });
    setTimeout(end, navigator.onLine ? PATIENCE : 0);
  });
}

// Say what was done or waits, below; what was refused, beside what was tried.
export function tell({ done, refused, waits }, { beside = null } = {}) {
  if (done) return show(done, "success");
  if (waits) return show(`${waits} · ${words.waits}`, "warning");
  const place = beside?.isConnected ? beside : null;
  const notice = draw(refused ?? words.failed, "error");
  notice.setAttribute("role", "alert");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button";
  close.textContent = words.close;
  close.addEventListener("click", () => notice.remove());
  notice.append(close);
  for (const old of document.querySelectorAll(".message--error")) old.remove();
  if (!place) return told.replaceChildren(notice);
  place.after(notice);
  notice.scrollIntoView({ block: "nearest" });
}

export function announce(text) {
  show(text, "warning");
}

function show(text, kind) {
  const notice = draw(text, kind);
  told.replaceChildren(notice);
  setTimeout(() => notice.remove(), SHOWN);
}

function draw(text, kind) {
  const notice = document.createElement(kind === "error" ? "div" : "p");
  notice.className = `message message--${kind}`;
  const said = document.createElement("span");
  said.className = "refusal__text";
  said.textContent = text;
  notice.append(said);
  return notice;
}

// What an element says, in one line.
export const lineOf = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

export const word = (name) => words[name];
