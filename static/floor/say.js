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
  lapse(toast, SHOWN);
}

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
