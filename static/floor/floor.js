// What the operators' pages gain with a script. Without it they are plain forms and links, and all of it can be done.

import { hasCamera, openCamera } from "./camera.js";
import { startClock, tick } from "./clock.js";
import { allowAgain, isLeaving, send, startForms } from "./forms.js";
import { startLock } from "./lock.js";
import { Outbox } from "./outbox.js";
import { startPads, showSums } from "./pad.js";
import { word } from "./pieces.js";
import { lapseAll, say, warn } from "./say.js";
import { scanned, startScan } from "./scan.js";
import { startScanner } from "./scanner.js";
import { startSettings } from "./settings.js";
import { showUnsent, startUnsent } from "./unsent.js";
import { forget, keepAhead, refresh, renew, startVisits, token } from "./visit.js";
import { keepAwake, startWake } from "./wake.js";

const { user = "", name = "" } = document.body.dataset;
const tools = document.getElementById("tools");
const home = tools.dataset.tasks;
const SOON = 400; // Milliseconds: of many that are sent in a row, the last shows the page anew.
const outbox = new Outbox({ user: { id: user, name }, token, renew });

let refreshing;

// Bring what stands in <main> to life, when the page comes and each time it is replaced.
function enliven() {
  tick();
  lapseAll();
  showSums(outbox);
  showUnsent();
  keepAwake();
  setTimeout(keepAhead, 500);
  document.dispatchEvent(new CustomEvent("andon:swap"));
}

async function onSent({ detail: { entry, answer } }) {
  forget(entry.step);
  if (answer.done) say(answer.done, { undo: answer.undo && (() => send(undoing(answer))) });
  if (isLeaving(entry)) return;
  clearTimeout(refreshing);
  const areMore = outbox.mine.some((each) => !each.refusal);
  refreshing = setTimeout(show, areMore ? SOON : 0);
}

async function show() {
  if (!(await refresh())) allowAgain();
}

const undoing = ({ undo, done }) => ({ address: undo, fields: [], says: `${word("undo")}: ${done}` });

startVisits({ home, onSwap: enliven, onMissing: () => warn(word("no-page")) });
startSettings({ camera: () => openCamera(scanned) });
startUnsent({ outbox, send });
startScan(send); // Before the forms: the one for a code is its own.
startForms({ outbox, home });
startPads(outbox);
startClock();
startWake();
startLock();
startScanner(scanned);
outbox.addEventListener("sent", onSent);
addEventListener("offline", () => warn(word("away")));
addEventListener("online", () => say(word("back")));
document.addEventListener("visibilitychange", () => document.hidden || refresh());
tools.querySelector('[data-opens="camera"]').hidden = !hasCamera();
tools.hidden = false;
enliven();
outbox.open();
