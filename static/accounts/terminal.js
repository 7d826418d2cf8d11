// Who is here, with JavaScript: a pad for gloves, a name or a badge leads to the PIN, a scanner is heard wherever one is.
// Everything works without it.

const SECOND = 1000;
const FORGET = 60; // Seconds after which a half-filled form is emptied for the next person.

const form = document.getElementById("who");
const pad = document.getElementById("pad");
const badge = form.elements.namedItem("badge");
const pin = form.elements.namedItem("pin");
const takesBadgeAlone = form.dataset.badgeAlone === "yes";
const LONGEST = Number(pin.maxLength);

const people = () => [...form.querySelectorAll("input[type=radio]")];

function forgetPeople() {
  for (const each of people()) each.checked = false;
}

function toPin() {
  pin.value = "";
  pin.focus({ preventScroll: true });
  pad.scrollIntoView({ block: "nearest" });
}

function press(button) {
  const { digit, does } = button.dataset;
  if (digit && pin.value.length < LONGEST) pin.value += digit;
  if (does === "back") pin.value = pin.value.slice(0, -1);
  if (does === "clear") pin.value = "";
}

pad.hidden = false;
pin.inputMode = "none"; // The pad is the keyboard: no other one covers half of the page.
pad.addEventListener("mousedown", (event) => event.preventDefault()); // The focus stays in the PIN, for Enter.
pad.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) press(button);
});

form.addEventListener("change", (event) => {
  if (event.target.type !== "radio") return;
  badge.value = "";
  toPin();
});
badge.addEventListener("input", forgetPeople);
badge.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !badge.value || takesBadgeAlone || pin.value) return;
  event.preventDefault(); // Where a badge alone is not enough, the PIN is next.
  toPin();
});

// A scanner types. What is no digit begins a badge, wherever the focus is; what follows goes where that went.
document.addEventListener("keydown", (event) => {
  const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isText || event.target === badge || event.key === " ") return;
  if (/\d/.test(event.key)) {
    if (event.target !== pin) (form.querySelector(":checked") || badge.value ? pin : badge).focus();
    return;
  }
  badge.value = "";
  pin.value = "";
  badge.focus(); // The key itself goes there.
});

let sent = false;
form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
window.addEventListener("pageshow", () => {
  sent = false;
});

let forgetting;
const begun = () => {
  clearTimeout(forgetting);
  forgetting = setTimeout(() => {
    forgetPeople();
    badge.value = "";
    pin.value = "";
  }, FORGET * SECOND);
};
for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, begun, { capture: true });
if (form.querySelector(":checked") || badge.value) pin.focus();
else badge.focus({ preventScroll: true });
