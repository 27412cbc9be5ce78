// Starts a deck: the colours of the window, type and figures as large as fits, reveal.js.
const LARGEST_TYPE = 34; // pixels on a slide of 1280 by 720
const SMALLEST_TYPE = 22;
const SHARE = 0.45; // of the height for text, where a figure needs the rest
const WIDTHS = [760, 960, 1168]; // of figures: a page's own, and wider
const LARGEST_SCALE = 1.9;
const printing = new URLSearchParams(location.search).has("print-pdf");

globalThis.MathJax = { options: { processHtmlClass: "math" } };

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => {
  const theme = dark.matches && !printing ? "dark" : "light";
  document.documentElement.dataset.theme = theme;
};
dark.addEventListener("change", paint);
paint();

// Chooses the type of a slide's text, so that it leaves room for the figures.
const fitText = (body, figures) => {
  const texts = [...body.querySelectorAll(".slide-text")];
  const room = body.clientHeight * (figures.length ? SHARE : 1);
  const gaps = 16 * (body.children.length - 1);
  for (let size = LARGEST_TYPE; size >= SMALLEST_TYPE; size -= 2) {
    body.style.fontSize = `${size}px`;
    const height = texts.reduce((sum, text) => sum + text.offsetHeight, 0);
    if (height + gaps <= room) return;
  }
};

// Shows a figure at the width that lets it be largest.
const fitFigure = (figure) => {
  const inner = figure.firstElementChild;
  let best = { scale: 0 };
  inner.style.zoom = 1;
  for (const width of WIDTHS) {
    inner.style.width = `${width}px`;
    const whole = Math.max(width, inner.scrollWidth);
    const scale = Math.min(
      figure.clientWidth / whole,
      figure.clientHeight / inner.offsetHeight,
      LARGEST_SCALE,
    );
    if (scale > best.scale * 1.02) best = { scale, width: whole };
  }
  inner.style.width = `${best.width}px`;
  inner.style.zoom = best.scale;
};

const fit = (slide) => {
  const body = slide.querySelector(".slide-body");
  if (!body.clientHeight) return; // it is not shown
  const figures = [...body.querySelectorAll(".slide-figure")];
  fitText(body, figures);
  figures.forEach(fitFigure);
};

// Formulas, pictures and figures that start change what fits.
const observer = new ResizeObserver((entries) => {
  new Set(entries.map(({ target }) => target.closest(".slide"))).forEach(fit);
});
for (const element of document.querySelectorAll(
  ".slide-body, .slide-text, .slide-figure > div",
))
  observer.observe(element);

Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  center: false,
  hash: true,
  slideNumber: "c/t",
  transition: "none",
  pdfMaxPagesPerSlide: 1,
  plugins: [RevealNotes],
  // Arrows within a live figure are the figure's.
  keyboardCondition: () => !document.activeElement?.closest(".lenet-figure"),
});
