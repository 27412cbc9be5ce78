// What scrolls sideways says so, and the keyboard can reach it. A box is measured again
// when its width changes, as when a folded solution opens.
const SCROLLERS = ".lenet-table, article table.table, article figure:has(img)";

document.addEventListener("DOMContentLoaded", () => {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const box = target.closest(SCROLLERS);
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

const compareCells = (a, b) => {
  const [x, y] = [parseFloat(a), parseFloat(b)];
  if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y) || a.localeCompare(b);
  return x - y;
};

const sortRows = (body, column, descending) => {
  const rows = [...body.rows].sort((a, b) => {
    const [x, y] = [readCell(a, column), readCell(b, column)];
    const isMissing = (x === "–") - (y === "–"); // last, in either order
    return isMissing || (descending ? compareCells(y, x) : compareCells(x, y));
  });
  body.append(...rows);
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
  const [label, input] = ["label", "input"].map((tag) => document.createElement(tag));
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
