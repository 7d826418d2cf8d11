// Sends one change, and tells what became of it.

const words = document.getElementById("supervision-words").dataset;
const SHOWN = 6000; // Milliseconds. What was refused stays until it is closed.

const told = document.createElement("div");
told.className = "told";
told.setAttribute("role", "status");
document.body.append(told);

// Resolves to {done} or {refused}.
export async function send(address, fields) {
  try {
    const response = await fetch(address, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json", "Idempotency-Key": crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` },
    });
    const answer = await response.json();
    if (answer.signed_out) location.assign(answer.page);
    return answer;
  } catch (error) {
    return { refused: error instanceof TypeError ? words.lost : words.failed };
  }
}

// Say what was done, below; what was refused, beside what was tried.
export function tell({ done, refused }, { beside = null } = {}) {
  if (done) return show(done, "success");
  const place = beside?.isConnected ? beside : null;
  const notice = draw(refused ?? words.failed, "error");
  notice.setAttribute("role", "alert");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button";
  close.textContent = words.close;
  close.addEventListener("click", () => notice.remove());
  notice.append(close);
  for (const old of document.querySelectorAll(".message--error")) old.remove();
  if (!place) return told.replaceChildren(notice);
  place.after(notice);
  notice.scrollIntoView({ block: "nearest" });
}

export function announce(text) {
  show(text, "warning");
}

function show(text, kind) {
  const notice = draw(text, kind);
  told.replaceChildren(notice);
  setTimeout(() => notice.remove(), SHOWN);
}

function draw(text, kind) {
  const notice = document.createElement(kind === "error" ? "div" : "p");
  notice.className = `message message--${kind}`;
  const said = document.createElement("span");
  said.className = "refusal__text";
  said.textContent = text;
  notice.append(said);
  return notice;
}

export const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

export const word = (name) => words[name];
