// Runs before the first paint, so that a chosen theme never flashes and the page's language is known. The console writes
// both choices; without them the system's theme holds, and the reader's own language.
{
  let chosen = null;
  let languages = navigator.languages;
  try {
    chosen = localStorage.getItem("theme");
    languages = [localStorage.getItem("language") ?? "", ...languages];
  } catch {
    // Storage may be forbidden; then nothing was chosen.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  document.documentElement.lang = languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === "en" || tag === "es") ?? "en";
}
