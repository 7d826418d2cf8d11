/* Starts Swagger UI: here, because the page's policy allows no script in the page itself. */

const place = document.getElementById("swagger");
const dark = matchMedia("(prefers-color-scheme: dark)");

function followScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

/* Who is signed in may try it: the cookie goes along by itself, and what writes needs the token. */
function withCsrf(request) {
  if (place.dataset.csrf && request.method && request.method !== "GET") {
    request.headers["X-CSRFToken"] = place.dataset.csrf;
  }
  return request;
}

followScheme();
dark.addEventListener("change", followScheme);
SwaggerUIBundle({
  url: place.dataset.schema,
  dom_id: "#swagger",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
  requestInterceptor: withCsrf,
});
