/* Starts Redoc in the colours of the house, and again when the system turns dark or light. */

const place = document.getElementById("redoc");

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function theme() {
  return {
    colors: {
      primary: { main: token("accent") },
      text: { primary: token("text"), secondary: token("muted") },
      border: { dark: token("line"), light: token("border") },
      gray: { 50: token("raised"), 100: token("border") },
    },
    schema: { nestedBackground: token("raised"), linesColor: token("line") },
    sidebar: { backgroundColor: token("surface"), textColor: token("text") },
    rightPanel: { backgroundColor: "#171C23" },
    typography: {
      fontFamily: token("font"),
      headings: { fontFamily: token("font") },
      code: { color: token("text"), backgroundColor: token("raised") },
    },
  };
}

function draw() {
  Redoc.init(place.dataset.schema, { theme: theme() }, place);
}

/* Redoc would fetch its maker's logo from its maker: a page of ours asks nobody else. */
const image = HTMLImageElement.prototype;
const source = Object.getOwnPropertyDescriptor(image, "src");

function isOurs(value) {
  return new URL(value, location).origin === location.origin || value.startsWith("data:");
}

Object.defineProperty(image, "src", {
  ...source,
  set(value) {
    if (isOurs(value)) source.set.call(this, value);
  },
});
image.setAttribute = function (name, value) {
  if (name !== "src" || isOurs(value)) Element.prototype.setAttribute.call(this, name, value);
};

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
