// Dragging by the grip, with a mouse, a pen or a finger: a step onto a person, a machine or a priority; a person onto a
// step or a machine. The menu does the same for the keyboard.

import { lineOf, send, tell } from "./supervision_send.js";
import { hold, refresh, release } from "./supervision_watch.js";

const FAR = 6; // Pixels before a press becomes a drag.
const EDGE = 48; // Pixels from a column's end at which it scrolls.
const PACE = 12; // Pixels a frame.

let drag = null;

export function startDragging() {
  document.documentElement.classList.add("can-drag");
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", (event) => event.key === "Escape" && drag && end());
}

function begin(event) {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0 || drag) return;
  event.preventDefault();
  drag = { item: grip.closest("[data-drag]"), pointer: event.pointerId, x: event.clientX, y: event.clientY };
  hold("drag");
}

function move(event) {
  if (!drag || event.pointerId !== drag.pointer) return;
  drag.at = [event.clientX, event.clientY];
  if (!drag.ghost) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
    lift();
  }
  place();
}

function lift() {
  drag.ghost = document.createElement("div");
  drag.ghost.className = "ghost";
  drag.ghost.setAttribute("aria-hidden", "true");
  drag.ghost.textContent = nameOf(drag.item);
  document.body.append(drag.ghost);
  document.body.classList.add("is-dragging");
  drag.item.classList.add("is-lifted");
  for (const target of document.querySelectorAll("[data-drop]")) {
    target.classList.toggle("is-open-to", Boolean(deedOf(drag.item, target)));
  }
  scroll();
}

function place() {
  const [x, y] = drag.at;
  drag.ghost.style.transform = `translate(${x + 16}px, ${y + 8}px)`;
  const over = targetAt(x, y);
  if (over === drag.over) return;
  drag.over?.classList.remove("is-over");
  over?.classList.add("is-over");
  drag.over = over;
}

// The nearest thing under the pointer that takes what is dragged.
function targetAt(x, y) {
  let found = document.elementFromPoint(x, y)?.closest("[data-drop]");
  while (found && !deedOf(drag.item, found)) found = found.parentElement.closest("[data-drop]");
  return found ?? null;
}

// What dropping the item on the target means: an address and its fields; null where it means nothing.
function deedOf(item, target) {
  if (item === target) return null;
  const [from, to] = [item.dataset, target.dataset];
  if (from.drag === "step") {
    if (to.drop === "person" && may(to.may, from.process)) return [`${from.at}assign/`, { user: to.user, seen: from.seen }];
    if (to.drop === "machine" && may(to.can, from.process)) return [`${from.at}move/`, { machine: to.machine, seen: from.seen }];
    const isOwnLane = item.closest("[data-drop=lane]") === target;
    if (to.drop === "lane" && !isOwnLane) return [`${from.at}prioritise/`, { priority: to.priority, seen: from.seen }];
    return null;
  }
  if (to.drop === "step" && may(from.may, to.process)) return [`${to.at}assign/`, { user: from.user, seen: to.seen }];
  if (to.drop === "machine" && to.can.split(" ").some((each) => may(from.may, each))) return [`${from.at}place/`, { machine: to.machine }];
  return null;
}

const may = (processes, process) => processes.split(" ").includes(process);

async function drop(event) {
  if (!drag || event.pointerId !== drag.pointer) return;
  const { item, ghost, over } = drag;
  const deed = ghost && over && deedOf(item, over);
  end();
  if (!deed) return;
  const [address, fields] = deed;
  const told = await send({ address, fields: Object.entries(fields), says: `${nameOf(item)} → ${nameOf(over)}` });
  tell(told, { beside: over.querySelector("p:last-of-type") });
  await refresh();
}

const nameOf = (item) => lineOf(item.querySelector("a[data-menu], .machine__name b, .lane__name"));

function end() {
  if (!drag) return;
  drag.ghost?.remove();
  drag.item.classList.remove("is-lifted");
  for (const each of document.querySelectorAll(".is-open-to, .is-over")) each.classList.remove("is-open-to", "is-over");
  document.body.classList.remove("is-dragging");
  drag = null;
  release("drag");
}

// Near its end, the column under the pointer scrolls along; so does the page on a phone.
function scroll() {
  if (!drag?.ghost) return;
  const [x, y] = drag.at;
  const column = document.elementFromPoint(x, y)?.closest(".column");
  const scrolls = column && column.scrollHeight > column.clientHeight && getComputedStyle(column).overflowY === "auto";
  const box = scrolls ? column.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  const pace = y < box.top + EDGE ? -PACE : y > box.bottom - EDGE ? PACE : 0;
  if (pace) (scrolls ? column : window).scrollBy(0, pace);
  requestAnimationFrame(scroll);
}
