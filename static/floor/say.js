// Tells what happened, in a toast that is also read aloud, with an Undo for ten seconds where there is one.

import { main, onPress, piece } from "./pieces.js";

const SHOWN = 10_000; // Milliseconds.

export function say(text, { undo = null } = {}) {
  const toast = piece("toast", { text });
  if (undo) {
    onPress(toast, "undo", () => {
      toast.remove();
      undo();
    });
  } else {
    toast.querySelector("button").remove();
  }
  show(toast);
}

export function warn(text) {
  show(piece("warning", { text }));
}

function show(toast) {
  document.getElementById("said").replaceChildren(toast);
  settle();
  lapse(toast, SHOWN);
}

// What floats lies over no primary action (Finish): where it would, it goes to the top, or else below the page.
function settle() {
  const afloat = document.querySelector(".afloat");
  if (!document.getElementById("said").firstChild) return;
  for (const place of new Set([afloat.dataset.at ?? "bottom", "bottom", "top", "below"])) {
    afloat.dataset.at = place;
    if (place === "below" || !covers(afloat.getBoundingClientRect())) return;
  }
}

function covers(box) {
  return [...main().querySelectorAll(".button--primary")].some((button) => {
    const { top, bottom, left, right, height } = button.getBoundingClientRect();
    return height && top < box.bottom && bottom > box.top && left < box.right && right > box.left;
  });
}

addEventListener("scroll", settle, { passive: true });
addEventListener("resize", settle);
document.addEventListener("andon:swap", settle);

// The toasts that the server draws lapse likewise.
export function lapseAll() {
  for (const toast of main().querySelectorAll("[data-expires-seconds]")) {
    lapse(toast, Number(toast.dataset.expiresSeconds) * 1000);
  }
}

function lapse(toast, milliseconds) {
  setTimeout(() => {
    if (toast.contains(document.activeElement)) main().focus({ preventScroll: true });
    toast.remove();
  }, milliseconds);
}
