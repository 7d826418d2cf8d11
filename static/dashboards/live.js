// Asks every second whether the board is another, while somebody can see it; the answer is mostly that it is not.

import { heed, now } from "./ages.js";
import { morph } from "./morph.js";

const EVERY = 1000; // Milliseconds from one answer to the next question.
const PATIENCE = 5000; // With one question.
const GRACE = 3000; // Without an answer, until the board says that it stands still.
const SELDOM = 15_000; // Between questions while nobody answers, or nobody is signed in.
const CALM = 60_000; // Between two reloads for another release.

let board;
let tell;
let onFresh;
let tag;
let timer = 0;
let failures = 0;
let answered; // When the server last answered, by its clock.
let isAsking = false;

export function startLive(element, hear) {
  board = element;
  ({ tell, onFresh } = hear);
  tag = board.dataset.tag;
  answered = Date.parse(board.dataset.now);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  addEventListener("online", ask);
  tell("live");
  plan(EVERY);
}

function plan(wait) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, wait);
}

async function ask() {
  if (isAsking) return;
  isAsking = true;
  const wait = await look().catch(onLost);
  isAsking = false;
  plan(wait);
}

async function look() {
  const response = await fetch(board.dataset.at, {
    cache: "no-store",
    headers: { Accept: "text/html", "If-None-Match": tag },
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status === 401 || response.status === 403) return onSignedOut();
  if (response.status !== 304 && !response.ok) throw new Error(response.status);
  heed(response);
  if (response.status !== 304) take(response, await response.text());
  failures = 0;
  answered = now();
  tell("live");
  return EVERY;
}

function take(response, text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("live");
  const shown = document.getElementById("live");
  if (fresh.dataset.release !== shown.dataset.release) beginAnew();
  morph(shown, fresh);
  tag = response.headers.get("ETag");
  onFresh();
}

function onSignedOut() {
  tell("signed-out", answered);
  return SELDOM;
}

// Asks less and less often, not at one time with all other boards.
function onLost() {
  failures += 1;
  if (now() - answered > GRACE) tell("lost", answered);
  return Math.min(EVERY * 2 ** (failures - 1), SELDOM) * (0.75 + Math.random() / 2);
}

// Another release draws what this page's style and script may not know. A wall stays open for months.
function beginAnew() {
  const last = Number(sessionStorage.getItem("andon-began-anew"));
  if (Date.now() - last < CALM) return;
  sessionStorage.setItem("andon-began-anew", Date.now());
  location.reload();
}
