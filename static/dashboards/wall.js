// A screen on the wall: it does not go dark, and no cursor stands in the picture.

const STILL = 3000; // Milliseconds.

let lock = null;
let timer = 0;

export function startWall() {
  document.addEventListener("visibilitychange", keepAwake);
  document.addEventListener("pointermove", wake);
  keepAwake();
  rest();
}

// The browser lets go of the lock whenever the page is hidden.
async function keepAwake() {
  if (document.hidden || (lock && !lock.released)) return;
  // Refused on a low battery, and absent on plain http: then the screen sleeps as it likes.
  lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
}

function wake() {
  document.body.classList.remove("is-still");
  clearTimeout(timer);
  timer = setTimeout(rest, STILL);
}

function rest() {
  document.body.classList.add("is-still");
}
