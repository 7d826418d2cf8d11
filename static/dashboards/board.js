// The board follows the shop by itself, and its clock and minutes go on. Without a script it is a page to load again.

import { showAges, startAges, timeOf } from "./ages.js";
import { startLive } from "./live.js";
import { startWall } from "./wall.js";

const board = document.getElementById("board");
const pulse = document.getElementById("pulse");
const pulseWord = document.getElementById("pulse-word");
const lost = document.getElementById("lost");
const lostWord = document.getElementById("lost-word");
const signIn = document.getElementById("sign-in");

// What the corner and, when it is not live, the banner say. Said again only when it is something else.
function tell(state, since) {
  const isLive = state === "live";
  const isOut = state === "signed-out";
  pulse.dataset.is = state;
  write(pulseWord, isLive ? board.dataset.live : board.dataset.lostShort);
  lost.hidden = isLive;
  signIn.hidden = !isOut;
  if (!isLive) write(lostWord, (isOut ? board.dataset.signedOut : board.dataset.lost).replace("{}", timeOf(since)));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

startAges(board.dataset);
startLive(board, { tell, onFresh: showAges });
if (document.body.classList.contains("wall")) startWall();
