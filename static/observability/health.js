// Health keeps itself up to date while it is looked at, and asks before it clears the cache.

const part = document.getElementById("health");
const lost = document.getElementById("health-lost");
const dialog = document.getElementById("clear");
const every = Number(part.dataset.every) * 1000;
const atMost = 60_000; // Milliseconds between two tries of a server that is away.
let wait = every;
let timer;

async function refresh() {
  try {
    const answer = await fetch("?part", { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    swap(await answer.text());
    lost.hidden = true;
    wait = every;
  } catch {
    lost.hidden = false;
    wait = Math.min(wait * 2, atMost);
  }
  again();
}

// What was in focus, and how far a table was scrolled, stays.
function swap(html) {
  const key = part.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const scrolled = part.querySelector(".health__scroll")?.scrollLeft ?? 0;
  part.innerHTML = html;
  const table = part.querySelector(".health__scroll");
  if (table) table.scrollLeft = scrolled;
  if (key) part.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

function again() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, wait);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) refresh();
});

part.addEventListener("click", (event) => {
  const link = event.target.closest("[data-clear]");
  if (!link || !dialog) return;
  event.preventDefault();
  const prefix = link.dataset.clear;
  document.getElementById("clear-prefix").value = prefix;
  document.getElementById("clear-what").textContent = prefix || dialog.dataset.all;
  dialog.showModal();
});

dialog?.querySelector("[data-close]").addEventListener("click", (event) => {
  event.preventDefault();
  dialog.close();
});

again();
