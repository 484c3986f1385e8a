// Starts the console; where that cannot work, says so instead of leaving an empty page.
import start from "{web.js}";

start({ module_or_path: "{web.wasm}" }).catch((reason) => {
  console.error(reason);
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent =
    document.documentElement.lang === "es"
      ? "La consola no pudo iniciar en este navegador. Hay que recargar la página; si eso no ayuda, usar una versión actual de Firefox, Chrome o Safari."
      : "The console could not start in this browser. Reload the page; if that does not help, use a current version of Firefox, Chrome or Safari.";
  document.getElementById("first-paint")?.replaceWith(message);
});
