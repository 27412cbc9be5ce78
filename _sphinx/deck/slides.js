// Starts a deck: the colours of the window, type and figures as large as fits, reveal.js.
const LARGEST_TYPE = 34; // pixels on a slide of 1280 by 720
const SMALLEST_TYPE = 22;
const SHARE = 0.45; // of the height for text, where a figure needs the rest
const WIDTHS = [760, 960, 1168]; // of figures: a page's own, and wider
const LARGEST_SCALE = 1.6;
const SMALLEST_SCALE = 0.55; // of a live figure; a taller one scrolls
const GAP = 16; // as in slides.css
const printing = new URLSearchParams(location.search).has("print-pdf");

globalThis.MathJax = { options: { processHtmlClass: "math" } };

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => {
  const theme = dark.matches && !printing ? "dark" : "light";
  document.documentElement.dataset.theme = theme;
};
dark.addEventListener("change", paint);
paint();

// How high a slide's text is at a size of type, with the gaps; Infinity where a formula is
// wider than the slide, which would cut it off on the left.
const measureText = (body, size) => {
  body.style.fontSize = `${size}px`;
  const wide = [...body.querySelectorAll(".slide-text div.math")].some((box) => {
    const formulas = [...box.querySelectorAll("mjx-container")];
    const widths = formulas.map((one) => one.offsetWidth);
    return Math.max(box.scrollWidth, ...widths) > box.clientWidth + 1;
  });
  if (wide) return Number.POSITIVE_INFINITY;
  const texts = [...body.querySelectorAll(".slide-text")];
  const gaps = GAP * (body.children.length - 1);
  return texts.reduce((sum, text) => sum + text.offsetHeight, gaps);
};

// Chooses the type of a slide's text, so that it takes no more than a share of the height.
const fitText = (body, share) => {
  let size = LARGEST_TYPE;
  while (size > SMALLEST_TYPE && measureText(body, size) > body.clientHeight * share)
    size -= 2;
  measureText(body, size);
  return size;
};

// Shows a figure at the width that lets it be largest; returns its scale.
const fitFigure = (figure) => {
  const inner = figure.firstElementChild;
  let best = { scale: 0 };
  inner.style.zoom = 1;
  for (const width of WIDTHS) {
    inner.style.width = `${width}px`;
    // A table may be wider, in a box that would scroll.
    const tables = [...inner.querySelectorAll("table")].map((t) => t.offsetWidth);
    const whole = Math.max(width, inner.scrollWidth, ...tables);
    const scale = Math.min(
      figure.clientWidth / whole,
      figure.clientHeight / inner.offsetHeight,
      LARGEST_SCALE,
    );
    if (scale > best.scale * 1.02) best = { scale, width: whole };
  }
  inner.style.width = `${best.width}px`;
  inner.style.zoom = best.scale;
  return best.scale;
};

// Puts figures below the text, or beside it; returns the smallest scale. The text grows
// past its share where that makes no figure smaller.
const layOut = (body, figures, beside) => {
  body.classList.toggle("slide-beside", beside);
  let size = fitText(body, beside || !figures.length ? 1 : SHARE);
  const fitFigures = () => Math.min(...figures.map(fitFigure));
  const scale = fitFigures();
  while (figures.length && size < LARGEST_TYPE) {
    const fits = measureText(body, size + 2) <= body.clientHeight;
    if (!fits || fitFigures() < 0.99 * scale) break;
    size += 2;
  }
  measureText(body, size);
  return fitFigures();
};

const fit = (slide) => {
  const body = slide.querySelector(".slide-body");
  if (!body.clientHeight) return; // it is not shown
  const figures = [...body.querySelectorAll(".slide-figure")];
  for (const figure of figures) figure.classList.remove("slide-scrolls");
  const below = layOut(body, figures, false);
  const pair = figures.length === 1 && body.children.length === 2;
  if (pair && below < 1 && layOut(body, figures, true) < 1.1 * below)
    layOut(body, figures, false);
  for (const figure of figures) {
    const inner = figure.firstElementChild;
    if (+inner.style.zoom >= SMALLEST_SCALE || !inner.querySelector(".lenet-figure"))
      continue;
    figure.classList.add("slide-scrolls");
    figure.tabIndex = 0;
    const width = parseFloat(inner.style.width) + 20; // and the scroll bar
    inner.style.zoom = Math.min(1, figure.clientWidth / width);
  }
};

// Formulas, pictures and figures that start change what fits.
const observer = new ResizeObserver((entries) => {
  new Set(entries.map(({ target }) => target.closest(".slide"))).forEach(fit);
});
for (const element of document.querySelectorAll(
  ".slide-body, .slide-text, .slide-figure > div",
))
  observer.observe(element);

// A live figure may bring sections of its own, which reveal.js would count.
const slides = [...document.querySelectorAll(".slides > section")];

globalThis.Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  center: false,
  hash: true,
  slideNumber: (slide) => [slides.indexOf(slide) + 1, "/", slides.length],
  transition: "none",
  pdfMaxPagesPerSlide: 1,
  plugins: [globalThis.RevealNotes],
  // Arrows within a live figure are the figure's.
  keyboardCondition: () => !document.activeElement?.closest(".lenet-figure"),
});
