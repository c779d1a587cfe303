// Sets the theme before the first paint, so that nothing flashes. It runs before everything else
// and must stay a classic script of its own: inline scripts are forbidden by the policy.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("holdfast.theme");
  } catch {
    // Storage is switched off: the dark theme it is.
  }
  const light =
    chosen === "light" ||
    (chosen === "device" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
