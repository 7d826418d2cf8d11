// The markup and the words that the page brings along for its script (templates/floor/pieces.html).

export const main = () => document.getElementById("main");

export function piece(name, slots = {}) {
  const drawn = document.getElementById(`piece-${name}`).content.firstElementChild.cloneNode(true);
  return fill(drawn, slots);
}

// Write into the slots of a piece; what has no text (null) is hidden.
export function fill(drawn, slots) {
  for (const [name, text] of Object.entries(slots)) {
    const slot = drawn.querySelector(`[data-slot="${name}"]`);
    if (!slot) continue;
    slot.hidden = text === null;
    if (text !== null) slot.textContent = text;
  }
  return drawn;
}

export function word(name, values = {}) {
  const words = document.getElementById("piece-words").content.querySelector(`[data-word="${name}"]`);
  return words.textContent.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export function onPress(drawn, does, action) {
  drawn.querySelector(`[data-does="${does}"]`)?.addEventListener("click", action);
}
