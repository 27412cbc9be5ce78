// A drawing that scrolls sideways must be reachable by keyboard.
document.addEventListener("DOMContentLoaded", () => {
  for (const figure of document.querySelectorAll("figure:has(img.lenet-wide)"))
    figure.tabIndex = 0;
});
