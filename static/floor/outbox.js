// What was done and is not sent yet: kept on the device, sent one after another in order, each exactly once.
//
// An entry: { id, key, user, name, address, step, fields, says, at, tries, refusal }. Its key makes the server do it once, however
// often it is sent; its user is who did it, and nobody else sends it. Events: "change" (entries), "sent" and "refused" (entry, answer).

import { openStore } from "./store.js";

const OF_THE_PAGE = new Set(["csrfmiddlewaretoken", "key", "by"]); // An entry has its own.
const KNOWN = new Set(["version", "rest", "seen"]); // What a form says that it knew of its step.
const SECOND = 1000;
const WAITS = [1, 2, 4, 8, 15, 30]; // Seconds between tries.
const PATIENCE = 20 * SECOND; // For one answer.
const LATER = new Set([408, 425, 429, 502, 503, 504]); // Nothing can be done now: for none of them.
const IN_USE = "idempotency_key_in_use"; // Its twin is at work.
const TROUBLES_AT_MOST = 3; // An entry that the server breaks on lets the other steps pass after so many tries.

export const newKey = () => {
  // randomUUID is not there on plain http.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

// The step that an action is about is the address above the action's own: /tasks/12/ of /tasks/12/start/.
export const stepOf = (address) => new URL("..", new URL(address, location.href)).pathname;

export class Outbox extends EventTarget {
  // user: { id, name }, as the page says. token(): the page's own. renew(): fetches the page again; false if it is another's now.
  constructor({ user, token, renew }) {
    super();
    Object.assign(this, { user, token, renew, entries: [], failures: 0, isSignedOut: false });
    this.others = "BroadcastChannel" in globalThis ? new BroadcastChannel("andon-outbox") : null;
    this.others?.addEventListener("message", () => this.#read());
  }

  async open() {
    this.store = await openStore();
    await this.#read();
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
    this.send();
  }

  get mine() {
    return this.entries.filter((entry) => entry.user === this.user.id);
  }

  get theirs() {
    return this.entries.filter((entry) => entry.user !== this.user.id);
  }

  get isOffline() {
    return !navigator.onLine || this.failures > 0;
  }

  // Keep what was done and send it. Resolves once it is safe on the device.
  async add({ address, fields, says }) {
    const step = stepOf(address);
    const entry = { address, step, says, key: newKey(), at: Date.now(), tries: 0, refusal: null };
    Object.assign(entry, { fields: this.#said(step, fields), user: this.user.id, name: this.user.name });
    entry.id = await this.store.add(entry);
    await this.#changed();
    this.send();
    return entry;
  }

  // Send a refused entry again, put right, in its old place: what waits behind it still comes after it.
  async repair(entry, fields) {
    const anew = { fields: this.#said(null, fields), key: newKey(), tries: 0, refusal: null };
    await this.store.change(entry.id, (each) => (each.refusal ? { ...each, ...anew } : undefined));
    await this.#changed();
    this.send();
  }

  // Take back what is not sent, or dismiss what was refused.
  async remove(entry) {
    await this.store.change(entry.id, (each) => (this.canTakeBack(each) ? null : undefined));
    await this.#changed();
    this.send();
  }

  // Only what cannot have arrived yet is taken back here; the rest has its Undo.
  canTakeBack(entry) {
    return entry.refusal !== null || entry.tries === 0;
  }

  // Send what can be sent. Of several tabs one sends.
  async send() {
    clearTimeout(this.timer);
    if (!this.store || !navigator.onLine) return;
    if (this.isSending) {
      this.isAskedAgain = true;
      return;
    }
    this.isSending = true;
    try {
      await oneTab(() => this.#drain());
    } finally {
      this.isSending = false;
    }
    if (this.isAskedAgain) {
      this.isAskedAgain = false;
      this.send();
    }
  }

  async #drain() {
    const held = new Set(); // The steps whose entries wait behind one that could not be done.
    let isRenewed = false;
    for (;;) {
      const entry = (await this.#read()).find((each) => !held.has(each.step) && each.user === this.user.id);
      if (!entry) return;
      if (entry.refusal) {
        held.add(entry.step);
        continue;
      }
      // Counted before it leaves: from here on it may have arrived.
      const sending = await this.store.change(entry.id, (each) => ({ ...each, tries: each.tries + 1 }));
      if (!sending) continue; // Taken back just now.
      const answer = await this.#post(sending);
      if (answer.isDone) {
        await this.#done(entry, answer);
      } else if (answer.isTokenOld && !isRenewed) {
        isRenewed = true;
        if (!(await this.renew())) return;
      } else if (answer.refusal) {
        held.add(entry.step);
        await this.#refused(entry, answer.refusal);
      } else {
        await this.#failed(answer);
        if (!answer.isTrouble || sending.tries < TROUBLES_AT_MOST) return;
        held.add(entry.step);
      }
    }
  }

  async #post(entry) {
    try {
      const response = await fetch(entry.address, {
        method: "POST",
        headers: { Accept: "application/json", "Idempotency-Key": entry.key, "X-CSRFToken": this.token() },
        body: new URLSearchParams([...entry.fields, ["by", entry.user]]),
        redirect: "manual",
        signal: timeLimit(PATIENCE),
      });
      return await read(response);
    } catch {
      return { isLater: true };
    }
  }

  async #done(entry, { answer }) {
    this.failures = 0;
    this.isSignedOut = false;
    await this.store.change(entry.id, () => null);
    await this.#changed();
    this.#tell("sent", { entry, answer });
  }

  async #refused(entry, refusal) {
    this.failures = 0;
    await this.store.change(entry.id, (each) => ({ ...each, refusal }));
    await this.#changed();
    this.#tell("refused", { entry, answer: refusal });
  }

  async #failed({ seconds, signIn }) {
    this.isSignedOut = signIn !== undefined;
    this.signIn = signIn;
    this.failures += 1;
    await this.#changed();
    if (this.isSignedOut) return; // Signing in makes a new page, which sends.
    const wait = seconds ?? WAITS[Math.min(this.failures, WAITS.length) - 1];
    this.timer = setTimeout(() => this.send(), wait * SECOND * (1 + Math.random() / 4));
  }

  // A form opened before an entry of its step was sent cannot know what that entry makes of the step.
  #said(step, fields) {
    const isBehind = this.mine.some((entry) => entry.step === step);
    return fields.filter(([name]) => !OF_THE_PAGE.has(name) && !(isBehind && KNOWN.has(name)));
  }

  async #read() {
    this.entries = await this.store.all();
    this.#tell("change");
    return this.entries;
  }

  async #changed() {
    await this.#read();
    this.others?.postMessage("change");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

async function oneTab(work) {
  // Without locks (plain http) two tabs may send the same: the key still makes it one.
  return navigator.locks ? navigator.locks.request("andon-outbox", work) : work();
}

function timeLimit(milliseconds) {
  const control = new AbortController();
  setTimeout(() => control.abort(), milliseconds);
  return control.signal;
}

// What an answer means: done, refused, its token is old, or (now or for this entry alone) not to be had.
async function read(response) {
  const told = await jsonOf(response);
  const seconds = Number(response.headers.get("Retry-After")) || undefined;
  // Only our own words count as done: a Wi-Fi's sign-in page answers 200 to anything.
  if (response.ok) return told && "done" in told ? { isDone: true, answer: told } : { isLater: true };
  if (response.type === "opaqueredirect" || response.status === 401) return { signIn: told?.page ?? "" };
  if (LATER.has(response.status) || told?.code === IN_USE) return { isLater: true, seconds };
  if (response.status >= 500) return { isTrouble: true, seconds };
  if (response.status === 403 && !told) return { isTokenOld: true, refusal: {} };
  return { refusal: told ?? {} };
}

async function jsonOf(response) {
  const isJson = response.headers.get("Content-Type")?.includes("json");
  return isJson ? response.json().catch(() => null) : null;
}
