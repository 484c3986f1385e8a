// Runs before the first paint, so that a chosen theme never flashes. The console writes the choice; without one
// the system's preference holds.
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; then nothing was chosen.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
