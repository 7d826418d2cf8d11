// What the pages gain with JavaScript: timers tick, a gloved double tap sends once, an offer to undo leaves when it lapses.
// Everything works without it.

const SECOND = 1000;

function tick(timer) {
  const began = Date.parse(timer.dataset.since);
  const skew = Date.now() - Date.parse(timer.dataset.now); // The tablet's clock against the shop's.
  const show = () => {
    const seconds = Math.max(0, Math.floor((Date.now() - skew - began) / SECOND));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    timer.textContent = parts.map((part) => String(part).padStart(2, "0")).join(":");
  };
  setInterval(show, SECOND);
}

function lapse(toast) {
  setTimeout(() => toast.remove(), Number(toast.dataset.expiresSeconds) * SECOND);
}

function sendOnce(event) {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
}

function allowAgain() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
}

document.querySelectorAll("[data-since]").forEach(tick);
document.querySelectorAll("[data-expires-seconds]").forEach(lapse);
document.addEventListener("submit", sendOnce);
window.addEventListener("pageshow", allowAgain); // Back from the browser's memory of the page.
