// What scrolls sideways says so, and the keyboard can reach it. A box is measured again
// when its width changes, as when a folded solution opens.
const SCROLLERS = ".lenet-table, article table.table, article figure:has(img)";

document.addEventListener("DOMContentLoaded", () => {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const box = /** @type {?HTMLElement} */ (target.closest(SCROLLERS));
      if (!box) continue;
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      box.classList.toggle("lenet-scrolls", scrolls);
      if (scrolls) box.tabIndex = 0;
    }
  });
  for (const box of document.querySelectorAll(SCROLLERS)) {
    observer.observe(box);
    const inner = box.querySelector("table, img");
    if (inner) observer.observe(inner);
  }
});

// A table of a cell with the tag `sortable` is sorted by a click on a header, and
// filtered by a word. Without scripts, and in JupyterLab, it is a table.
const readCell = (row, column) => row.cells[column].textContent.trim();

// The number that a cell begins with, as in "24,000", "−0.5 %" or "≈ 3"; else NaN.
const readNumber = (text) => {
  const [digits] = text.match(/^[<>≈~]?\s*[-−+]?[\d,]*\.?\d+/) ?? [""];
  return parseFloat(digits.replace(/[<>≈~\s,]/g, "").replace("−", "-"));
};

// A column in which every cell begins with a number is sorted by number, else by text.
const sortRows = (body, column, descending) => {
  const isMissing = (text) => text === "" || text === "–";
  const rows = [...body.rows];
  const texts = rows.map((row) => readCell(row, column));
  const numeric = texts.every(
    (text) => isMissing(text) || !Number.isNaN(readNumber(text)),
  );
  const compare = (a, b) =>
    numeric
      ? readNumber(a) - readNumber(b)
      : a.localeCompare(b, undefined, { numeric: true });
  const sorted = rows.sort((a, b) => {
    const [x, y] = [readCell(a, column), readCell(b, column)];
    if (isMissing(x) || isMissing(y)) return +isMissing(x) - +isMissing(y); // last
    return descending ? compare(y, x) : compare(x, y);
  });
  body.append(...sorted);
};

const makeSortable = (table) => {
  const [headers, body] = [[...table.tHead.rows[0].cells], table.tBodies[0]];
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const descending = header.getAttribute("aria-sort") === "ascending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortRows(body, column, descending);
    });
  });
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "search";
  label.className = "lenet-filter";
  label.append("Rows with ", input);
  table.before(label);
  input.addEventListener("input", () => {
    for (const row of body.rows)
      row.hidden = !row.textContent.toLowerCase().includes(input.value.toLowerCase());
  });
};

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".tag_sortable table.dataframe").forEach(makeSortable);
});

// Paper is white: a page in dark mode is printed in the light one.
let shownTheme;
addEventListener("beforeprint", () => {
  shownTheme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = shownTheme;
});
