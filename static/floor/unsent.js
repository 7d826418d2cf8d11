// Shows what is not sent: the number in the top bar, each entry at its card, and all of them in a list.

import { fill, main, onPress, piece } from "./pieces.js";

let outbox;
let send;
let count;
const list = document.getElementById("unsent");

export function startUnsent(given) {
  ({ outbox, send } = given);
  count = piece("count");
  count.hidden = true;
  count.addEventListener("click", () => list.showModal());
  (document.querySelector(".top__user") ?? document.querySelector(".top")).prepend(count);
  onPress(list, "send", () => outbox.send());
  outbox.addEventListener("change", showUnsent);
}

export function showUnsent() {
  const { mine, theirs } = outbox;
  count.hidden = mine.length + theirs.length === 0;
  fill(count, { count: mine.length + theirs.length });
  count.classList.toggle("unsent--refused", mine.some((entry) => entry.refusal));
  for (const old of document.querySelectorAll(".entry")) if (!isStill(old, mine)) old.remove();
  for (const entry of mine) markAt(entry);
  for (const form of main().querySelectorAll("form[data-send]")) showBusy(form, mine);
  showList(mine, theirs);
}

// The form of an entry in this page, or else the card of its step.
export const formOf = (entry) =>
  [...main().querySelectorAll("form[data-send]")].find((form) => addressOf(form) === entry.address);

export function addressOf(form) {
  const { pathname, search } = new URL(form.action);
  return pathname + search;
}

function placeOf(entry) {
  return formOf(entry)?.closest(".card") ?? main().querySelector(`a[href="${CSS.escape(entry.step)}"]`)?.closest(".card");
}

const nameOf = (entry) => `${entry.id} ${entry.key} ${entry.refusal ? "refused" : "waits"}`;

const isStill = (mark, mine) => mine.some((entry) => nameOf(entry) === mark.dataset.entry);

function markAt(entry) {
  const name = nameOf(entry);
  const place = placeOf(entry);
  const selector = `.entry[data-entry="${CSS.escape(name)}"]`;
  if (place && !place.querySelector(selector)) put(draw(entry), entry, place);
  for (const mark of place?.querySelectorAll(selector) ?? []) showRemovable(mark, entry);
}

// A refusal stands beside the field that it is about, if the page has it: else at the end of the card.
function put(drawn, entry, place) {
  const field = formOf(entry)?.elements.namedItem(entry.refusal?.field ?? "");
  const group = field?.closest?.(".quantities");
  if (group) group.append(drawn);
  else if (field?.closest?.(".field")) field.closest(".field").after(drawn);
  else place.append(drawn);
  if (!field) return;
  drawn.closest("details")?.setAttribute("open", "");
  drawn.scrollIntoView({ block: "nearest" });
}

function draw(entry) {
  const { refusal, says } = entry;
  const drawn = piece(refusal ? "refused" : "waiting", { says, ...(refusal?.refused && { refused: refusal.refused }) });
  drawn.dataset.entry = nameOf(entry);
  onPress(drawn, "remove", () => remove(entry));
  showRemovable(drawn, entry);
  if (refusal) drawWaysOn(drawn, entry);
  return drawn;
}

async function remove(entry) {
  await outbox.remove(entry);
  const form = formOf(entry);
  if (form) setBusy(form, false);
}

function drawWaysOn(drawn, entry) {
  const { way_on: way, page } = entry.refusal;
  const button = drawn.querySelector('[data-does="way-on"]');
  button.hidden = !way;
  button.textContent = way?.word ?? "";
  button.addEventListener("click", () => {
    const others = entry.fields.filter(([name]) => name !== way.name);
    send({ ...entry, fields: [...others, [way.name, way.value]] });
  });
  const link = drawn.querySelector('[data-slot="page"]');
  link.hidden = !page || new URL(page, location.href).pathname === location.pathname;
  if (page) link.href = page;
}

function showRemovable(drawn, entry) {
  drawn.querySelector('[data-does="remove"]').hidden = !outbox.canTakeBack(entry);
}

// A form of mere buttons whose action waits takes no second tap; one with fields was opened anew on purpose.
function showBusy(form, mine) {
  const address = addressOf(form);
  const entry = mine.find((each) => each.address === address);
  const isPlain = !form.querySelector("input:not([type=hidden]), textarea");
  if (entry?.refusal) setBusy(form, false);
  else if (entry && isPlain) setBusy(form, true);
}

export function setBusy(form, isBusy) {
  if (isBusy) form.dataset.busy = "";
  else delete form.dataset.busy;
  for (const button of form.querySelectorAll("[type=submit]")) {
    if (isBusy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

function showList(mine, theirs) {
  const names = [...new Set(theirs.map((entry) => entry.name))];
  const told = names.map((name) => `${name} (${theirs.filter((entry) => entry.name === name).length})`).join(", ");
  const refusals = mine.filter((entry) => entry.refusal);
  const when = {
    "signed-out": outbox.isSignedOut,
    offline: !outbox.isSignedOut && outbox.isOffline,
    sending: !outbox.isSignedOut && !outbox.isOffline && mine.length > refusals.length,
    others: theirs.length > 0,
  };
  for (const each of list.querySelectorAll("[data-when]")) each.hidden = !when[each.dataset.when];
  if (outbox.signIn) list.querySelector('[data-slot="sign-in"]').href = outbox.signIn;
  fill(list, { others: told });
  const items = mine.map((entry) => {
    const item = document.createElement("li");
    item.append(draw(entry));
    return item;
  });
  list.querySelector('[data-slot="entries"]').replaceChildren(...items);
  if (list.open && mine.length + theirs.length === 0) list.close();
}
