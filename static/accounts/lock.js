// Locks a shared terminal that nobody touches. Operators' pages have a lock of their own (#locked), good without the network.

const SECOND = 1000;
const form = document.getElementById("switch");

if (form && !document.getElementById("locked")) {
  const after = Number(form.dataset.lockAfter) * SECOND;
  let touched = Date.now();
  let isLocking = false;
  const isOver = () => Date.now() - touched >= after;
  const touch = () => {
    if (!isOver()) touched = Date.now(); // The finger that wakes a tablet comes too late.
  };
  const look = () => {
    if (!isOver() || isLocking) return;
    isLocking = true;
    form.requestSubmit();
  };
  for (const type of ["pointerdown", "keydown", "wheel"]) document.addEventListener(type, touch, { capture: true, passive: true });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", () => {
    isLocking = false;
  });
  setInterval(look, SECOND);
}
