// The screen stays on while something of the operator's runs.

import { main } from "./pieces.js";

let lock = null;
let turn = Promise.resolve();

// One after another: two at once would take two locks and know of one.
export function keepAwake() {
  turn = turn.then(adjust);
}

export function startWake() {
  document.addEventListener("visibilitychange", keepAwake);
  keepAwake();
}

async function adjust() {
  const isWanted = !document.hidden && main().querySelector("[data-since]") !== null;
  if (!isWanted) {
    await lock?.release();
    lock = null;
  } else if (!lock || lock.released) {
    // Refused on a low battery, and absent on plain http: then the screen sleeps as it likes.
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }
}
