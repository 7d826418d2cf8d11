// Takes what action forms say into the outbox, and a gloved double tap once.

import { main } from "./pieces.js";
import { addressOf, formOf, setBusy, showUnsent } from "./unsent.js";
import { isHome, visit } from "./visit.js";

const PATIENCE = 800; // Milliseconds for an answer, before a page that was filled in is left.

let outbox;
let home;
let leaving = null;

export function startForms(given) {
  ({ outbox, home } = given);
  document.addEventListener("submit", take);
  addEventListener("pageshow", allowAgain); // Back from the browser's memory of the page.
}

async function take(event) {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if ("busy" in form.dataset) return event.preventDefault();
  const isSent = form.matches("[data-send]");
  if (isSent) event.preventDefault();
  if (isSent && !form.reportValidity()) return;
  setBusy(form, true);
  if (!isSent) return;
  const fields = [...new FormData(form)];
  if (submitter?.name) fields.push([submitter.name, submitter.value]);
  await send({ address: addressOf(form), fields, says: saysOf(form, submitter) });
}

// Keep an action, send it, and leave a filled-in page once that is safe.
export async function send(action) {
  const refused = outbox.mine.find((entry) => entry.refusal && entry.address === action.address);
  if (refused) await outbox.repair(refused, action.fields);
  else await outbox.add(action);
  if (isHome() || !formOf(action)) return;
  leaving = action.address;
  const told = await answered(action);
  leaving = null;
  if (told?.type === "refused") return;
  if (!(await visit(told?.detail.answer.page ?? home, { isKeptEnough: !told }))) allowAgain();
}

// Whether the page goes on by itself when this entry is answered.
export const isLeaving = (entry) => entry.address === leaving;

// Resolves with the event that says how the action was answered; with nothing where no answer comes soon.
function answered({ address }) {
  return new Promise((resolve) => {
    const control = new AbortController();
    const end = (event) => {
      control.abort();
      resolve(event);
    };
    const listen = (event) => event.detail.entry.address === address && end(event);
    for (const type of ["sent", "refused"]) outbox.addEventListener(type, listen, { signal: control.signal });
    setTimeout(end, navigator.onLine ? PATIENCE : 0);
  });
}

function saysOf(form, submitter) {
  if (form.dataset.says) return form.dataset.says;
  const title = form.closest(".card")?.querySelector("h1, h3") ?? main().querySelector("h1");
  const words = (element) => {
    const copy = element?.cloneNode(true);
    copy?.querySelectorAll(".sr").forEach((each) => each.remove());
    return copy?.textContent.replace(/\s+/g, " ").trim();
  };
  return [words(submitter), words(title)].filter(Boolean).join(": ");
}

export function allowAgain() {
  for (const form of document.querySelectorAll("form[data-busy]")) setBusy(form, false);
  showUnsent();
}
