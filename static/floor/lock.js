// Locks a shared terminal that nobody touches (data-lock-after on the body, in seconds).

import { token } from "./visit.js";
import { warn } from "./say.js";
import { word } from "./pieces.js";

const SECOND = 1000;
const WARNED = 10; // Seconds before.
const TOUCHED = "andon.touched"; // Kept over reloads, so that no reload keeps a terminal open.
const cover = document.getElementById("locked");

export function startLock() {
  const { lockAfter, lock } = document.body.dataset;
  if (!lockAfter) return;
  if (!sessionStorage.getItem(TOUCHED)) sessionStorage.setItem(TOUCHED, String(Date.now()));
  for (const type of ["pointerdown", "keydown", "wheel"]) document.addEventListener(type, touch, { capture: true, passive: true });
  cover.addEventListener("cancel", (event) => event.preventDefault());
  let isWarned = false;
  const look = () => {
    const left = Number(lockAfter) - idle();
    if (left > WARNED) isWarned = false;
    else if (left > 0 && !isWarned) {
      isWarned = true;
      warn(word("lock-soon"));
    }
    if (left <= 0) close(lock);
  };
  setInterval(look, SECOND);
  document.addEventListener("visibilitychange", look);
}

const idle = () => (Date.now() - Number(sessionStorage.getItem(TOUCHED))) / SECOND;

function touch() {
  // The finger that wakes a tablet comes too late.
  if (!cover.open && idle() < Number(document.body.dataset.lockAfter)) sessionStorage.setItem(TOUCHED, String(Date.now()));
}

// Without the network nobody can be signed out: then a cover keeps others from acting in this name.
async function close(address) {
  if (!cover.open) cover.showModal();
  try {
    const body = new URLSearchParams({ csrfmiddlewaretoken: token() });
    const response = await fetch(address, { method: "POST", body });
    if (response.ok) location.assign(response.url);
    else location.reload();
  } catch {
    // The next look tries again.
  }
}
