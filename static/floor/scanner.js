// Hears a USB or Bluetooth scanner anywhere on the page: it types faster than anybody, and ends with Enter or Tab.

// Milliseconds between two of its keys, on the average and at most. Nobody types a whole code at 20 keys a second; a Bluetooth
// scanner may falter once.
const PACE = 50;
const PAUSE = 150;
const SHORTEST = 3; // Characters.
const OURS = /^(JOB|S|M|U|A)-\S/i;
const TYPED_INTO = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

let burst = begin(null);

export function startScanner(onCode) {
  document.addEventListener("keydown", (event) => hear(event, onCode), { capture: true });
}

function begin(field) {
  return { typed: "", pressed: "", began: 0, at: -Infinity, field, value: field?.value };
}

function hear(event, onCode) {
  if (event.isComposing || event.repeat || event.ctrlKey || event.metaKey) return;
  const goesOn = event.timeStamp - burst.at <= PAUSE;
  if (event.key === "Enter" || event.key === "Tab") {
    const code = goesOn && isQuick(burst) && codeOf(burst);
    if (code) {
      // Or Enter would press what has the focus, or send a form.
      event.preventDefault();
      event.stopImmediatePropagation();
      restore(burst);
      onCode(code);
    }
    burst = begin(null);
  } else if (event.key.length === 1) {
    if (!goesOn) burst = { ...begin(fieldIn(event.target)), began: event.timeStamp };
    else if (event.key === " " && !burst.field) event.preventDefault(); // Or the focused button is pressed.
    burst.typed += event.key;
    burst.pressed += usual(event);
    burst.at = event.timeStamp;
  }
}

const isQuick = ({ began, at, typed }) => at - began <= PACE * (typed.length - 1);

// What was scanned, or "". In a field only a code of ours is taken: any other may be meant for the field.
function codeOf({ typed, pressed, field }) {
  const code = [typed, pressed].map((each) => each.trim()).find((each) => OURS.test(each));
  if (code) return code;
  return field || typed.trim().length < SHORTEST ? "" : typed.trim();
}

// A scanner presses the keys of an American keyboard, whatever layout the device has: there "-" may come out as "ß" or "*".
function usual({ code, key, shiftKey }) {
  if (/^Key[A-Z]$/.test(code)) return shiftKey ? code[3] : code[3].toLowerCase();
  if (/^Digit\d$/.test(code) && !shiftKey) return code[5];
  return code === "Minus" && !shiftKey ? "-" : key;
}

const fieldIn = (target) => (target instanceof Element ? target.closest(TYPED_INTO) : null);

// Take out of the field what the scanner typed into it.
function restore({ field, value }) {
  if (!field || value === undefined || field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
