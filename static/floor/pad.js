// Quantities for gloves: a number pad, what does not add up, the reason asked as soon as there is scrap.

import { fill, main } from "./pieces.js";
import { stepOf } from "./outbox.js";

const MADE = ["quantity_good", "quantity_scrap", "quantity_rework"];
const FORMS = "form[data-quantities]";
const TEXT = "input:not([type=hidden], [type=checkbox], [type=radio])";

let outbox;
let isFresh = true; // The next digit begins a new number, as on a calculator.

export function startPads(given) {
  outbox = given;
  document.addEventListener("focusin", ({ target }) => target.matches(`${FORMS} ${TEXT}`) && choose(target));
  document.addEventListener("input", ({ target }) => target.closest(FORMS) && follow(target));
  document.addEventListener("change", ({ target }) => target.closest(FORMS) && showSum(target.form));
  document.addEventListener("click", press);
}

export function showSums() {
  for (const form of main().querySelectorAll(FORMS)) {
    for (const pad of form.querySelectorAll("[data-pad]")) pad.hidden = false;
    choose(form.querySelector(`${TEXT}[data-chosen]`) ?? form.elements.quantity_good);
    showSum(form);
  }
}

// The field that the pad writes into.
function choose(field) {
  if (!field?.form) return;
  for (const each of field.form.querySelectorAll("[data-chosen]")) if (each !== field) delete each.dataset.chosen;
  field.dataset.chosen = "";
  isFresh = true;
}

function press({ target }) {
  const key = target.closest("[data-pad] [data-key]")?.dataset.key;
  if (!key) return;
  const field = target.closest(FORMS).querySelector("[data-chosen]");
  field.value = after(key, field);
  isFresh = false;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function after(key, field) {
  const { value, form } = field;
  if (key === "back") return value.slice(0, -1);
  if (key === "clear") return "";
  if (key === "plus10") return String(numberIn(field) + 10);
  if (key === "rest") return String(Math.max(0, remaining(form) - made(form) + numberIn(field)));
  return (isFresh ? "" : value) + key;
}

function follow(field) {
  field.dataset.touched = "";
  count(field.form);
  showSum(field.form);
}

// Pallets and counters say the good pieces; both are sent as well, and the server reckons for itself.
function count({ elements }) {
  const { quantity_good: good, counter_start: start, counter_end: end, pallets, per_pallet: each, loose } = elements;
  if (end && !end.disabled && end.value) good.value = String(Math.max(0, numberIn(end) - numberIn(start)));
  if (pallets && !pallets.disabled && (pallets.value || loose?.value)) {
    good.value = String(numberIn(pallets) * numberIn(each) + numberIn(loose));
  }
}

function showSum(form) {
  const scrap = numberIn(form.elements.quantity_scrap);
  const reason = form.elements.scrap_reason;
  if (reason) {
    reason.required = scrap > 0;
    const wrapper = reason.closest("[data-scrap-reason]");
    if (wrapper) wrapper.hidden = scrap === 0 && !reason.value;
  }
  if (!("remaining" in form.dataset)) return;
  makeRoom(form);
  const over = made(form) - remaining(form);
  for (const warning of form.querySelectorAll("[data-sum]")) {
    warning.hidden = warning.dataset.sum === "over" ? over <= 0 : over >= 0;
    const difference = warning.querySelector("[data-difference]");
    if (difference) difference.textContent = Math.abs(over).toLocaleString(document.documentElement.lang);
  }
}

// Good is filled in with what remains; until somebody changes it, scrap and rework come out of it.
function makeRoom(form) {
  const good = form.elements.quantity_good;
  if (!good.defaultValue || "touched" in good.dataset || good.value === "") return;
  if (numberIn(good) === 0 && remaining(form) === 0) return;
  const others = made(form) - numberIn(good);
  good.value = String(Math.max(0, remaining(form) - others));
}

// What remains when all that is not sent yet has arrived.
function remaining(form) {
  const step = stepOf(form.action);
  const unsent = outbox.mine.filter((entry) => entry.step === step && !entry.refusal);
  const pieces = unsent.flatMap((entry) => entry.fields.filter(([name]) => MADE.includes(name)));
  return Math.max(0, Number(form.dataset.remaining) - pieces.reduce((sum, [, value]) => sum + read(value), 0));
}

const made = ({ elements }) => MADE.reduce((sum, name) => sum + numberIn(elements[name]), 0);

const numberIn = (field) => read(field?.value ?? "");

// As people part thousands: 1 000, 1.000, 1'000. What is no number is the server's to refuse.
const read = (text) => (/^\+?[\d\s.,'’_]+$/.test(text) ? Number(text.replace(/\D/g, "")) : 0);
