// The clock, and how long ago things began: by the server's time in the shop's zone, whatever this device believes.

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const NOTICEABLE = 2 * SECOND; // The server says its time in whole seconds.

let words = {};
let ahead = 0; // Milliseconds of the server's clock before this device's.
let toClock = String;
let toTime = String;
let toDay = String;
let toDays = String;

export function startAges(said) {
  words = said;
  ahead = Date.parse(said.now) - Date.now();
  // Not American: days before months, as the server writes them.
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const writer = (options) => new Intl.DateTimeFormat(language, { timeZone: said.zone, hourCycle: "h23", ...options });
  toClock = writer({ hour: "2-digit", minute: "2-digit" }).format;
  toTime = writer({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format;
  toDay = writer({ weekday: "long", day: "numeric", month: "long" }).format;
  toDays = new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" }).format;
  setInterval(showAges, SECOND);
  showAges();
}

// A device without a clock of its own learns the time only after it is on: each answer says it anew.
export function heed(response) {
  const said = Date.parse(response.headers.get("Date"));
  const found = said - Date.now();
  if (Math.abs(found - ahead) > NOTICEABLE) ahead = found;
}

export const now = () => Date.now() + ahead;
export const timeOf = (instant) => toTime(instant);

export function showAges() {
  write(document.getElementById("clock"), toClock(now()));
  write(document.getElementById("day"), toDay(now()));
  for (const each of document.querySelectorAll("[data-ago]")) {
    const age = roughly(now() - Date.parse(each.dataset.ago));
    write(each, each.dataset.form ? words[each.dataset.form].replace("{}", age) : age);
  }
}

// As apps.shop.words.roughly.
function roughly(long) {
  if (long < HOUR) return words.minutes.replace("{}", Math.max(Math.floor(long / MINUTE), 1));
  if (long < DAY) return words.hours.replace("{}", Math.floor(long / HOUR));
  return toDays(Math.floor(long / DAY));
}

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}
