// Timers count from the server's instants, by the shop's clock: a reload, a pause or a dead battery changes nothing.

import { main } from "./pieces.js";
import { now } from "./visit.js";

const SECOND = 1000;

export function startClock() {
  setInterval(tick, SECOND);
}

export function tick() {
  for (const timer of main().querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((now() - Date.parse(timer.dataset.since)) / SECOND));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    timer.textContent = parts.map((part) => String(part).padStart(2, "0")).join(":");
  }
}
