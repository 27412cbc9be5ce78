"""Print the built pages as one PDF, with tags, an outline and a contents page.

``python _sphinx/pdf.py`` reads `_build/html`, because what is printed is then what is
shown. The articles become one document, so their links can lead from one to another.
Chromium prints it twice: the first time tells on which page each chapter begins.
"""

import json
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pikepdf
import yaml
from bs4 import BeautifulSoup
from contents import read_parts
from forms import FORMS, start_chromium
from pypdf import PdfReader

ROOT = Path(__file__).parents[1]
NAME = "lenet-hands-on.pdf"
TEXT_WIDTH = 658  # pixels: A4 without the margins of print.css, 18 mm each
SECONDS = 1000  # milliseconds
# What the theme says of a fold is said to a hand that can open it.
SUMMARIES = {"source": "Code", "output": "Output", "content": "Code and output"}
# Scripts draw interactive figures; stills stand in.
LEFT_OUT = "script, a.headerlink, .lenet-link, .lenet-question input"
# Of names, signs and blanks in code, each would be an element of the PDF: 100,000.
PLAIN_CODE = re.compile(r'<span class="(?:n|nn|nx|o|p|w)">([^<]*)</span>|<span></span>')

# What is wider than the room it has becomes smaller, as a whole.
FIT = """() => {
  for (const element of document.querySelectorAll(
    "table, img, pre, mjx-container[display]")) {
    const box = element.parentElement.closest("div, section, figure, li, dd, td, p");
    const style = getComputedStyle(box);
    const room = box.clientWidth - parseFloat(style.paddingLeft)
      - parseFloat(style.paddingRight);
    const child = element.firstElementChild;
    const width = Math.max(element.scrollWidth, element.getBoundingClientRect().width,
      element.matches("mjx-container") ? child.getBoundingClientRect().width : 0);
    if (width > room + 1) element.style.zoom = room / width;
  }
}"""
# What reaches beyond the text, and boxes that hide a part of what they hold.
FIND_CLIPPED = """() => {
  const width = document.documentElement.clientWidth;
  const isHidden = (element) => element.closest("mjx-assistive-mml, .visually-hidden");
  const isCut = (element) =>
    element.getBoundingClientRect().right > width + 1 ||
    (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 &&
      getComputedStyle(element).overflowX !== "visible");
  return [...document.querySelectorAll("body *")]
    .filter((element) => !isHidden(element) && isCut(element))
    .map((element) => element.outerHTML.slice(0, 150));
}"""


def write_pdf(browser, html: Path, path: Path):
    """Print the book.

    Parameters
    ----------
    browser : Browser
        Chromium, started.
    html : path
        The folder of the built pages.
    path : path
        Of the PDF.

    Raises
    ------
    FileNotFoundError : a page is not built.
    RuntimeError : something is wider than the page and would be cut.
    """
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    path.parent.mkdir(parents=True, exist_ok=True)
    source = path.with_suffix(".html")
    source.write_text(assemble(html, read_parts(), settings), encoding="utf-8")
    page = browser.new_page(viewport={"width": TEXT_WIDTH, "height": 980})
    page.set_default_timeout(600 * SECONDS)
    lay_out(page, source.as_uri())
    clipped = page.evaluate(FIND_CLIPPED)
    if clipped:
        raise RuntimeError("\n".join(["Wider than the page, so cut:", *clipped]))
    print_page(page, path)
    numbers = find_first_pages(path)
    page.evaluate(
        """(numbers) => document.querySelectorAll(".lenet-contents li").forEach(
          (item, i) => { item.querySelector("span:last-child").textContent
            = numbers[i]; })""",
        numbers,
    )
    print_page(page, path)
    page.close()
    source.unlink()
    finish(path, settings["author"])


def assemble(html: Path, parts: list[tuple[str, list[str]]], settings: dict) -> str:
    """Put title, contents and the articles of all pages into one document."""
    names = [name for _, files in parts for name in files]
    pages = {name: read_page(html / f"{name}.html") for name in names}
    articles = {name: take_article(html, name, pages) for name in names}
    titles = {name: articles[name].h1.get_text() for name in names}
    first = pages[names[0]]
    head = [str(sheet) for sheet in find_head(first, html / f"{names[0]}.html")]
    head += [
        f"<style>{''.join(name_page(name, titles[name]) for name in names)}</style>"
    ]
    body = [write_title(first, settings), write_table_of_contents(parts, titles)]
    body += [
        f'<article class="bd-article" id="{anchor(name)}" '
        f'style="page: {anchor(name)}">{article.decode_contents()}</article>'
        for name, article in articles.items()
    ]
    return (
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{settings['title']}</title>{''.join(head)}</head>"
        f'<body class="lenet-book">{"".join(body)}</body></html>'
    )


def read_page(path: Path) -> BeautifulSoup:
    """Parse a built page."""
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built: run `make book` first.")
    source = PLAIN_CODE.sub(r"\1", path.read_text(encoding="utf-8"))
    return BeautifulSoup(source, "html.parser")


def anchor(name: str, fragment: str = "") -> str:
    """Name a place of a page in a document that holds all pages."""
    name = Path(name).name
    return f"{name}--{fragment}" if fragment else name


def take_article(html: Path, name: str, pages: dict[str, BeautifulSoup]):
    """Take the text of a page: folds open, each name and link of the whole book."""
    article = pages[name].find("article")
    for element in article.select(LEFT_OUT):
        element.decompose()
    put_answers_last(article)
    for fold in article.select("details"):
        fold["open"] = ""
    for summary in article.select("details.hide > summary"):
        kind = summary.get_text().split()[-1]
        summary.string = SUMMARIES[kind]
    for element in article.find_all(id=True):
        element["id"] = anchor(name, element["id"])
    for element in article.find_all(attrs={"for": True}):
        element["for"] = anchor(name, element["for"])
    place = html / f"{name}.html"
    for image in article.find_all("img"):
        image["src"] = urljoin(place.as_uri(), image["src"])
    for link in article.find_all("a", href=True):
        redirect(link, place, html, pages)
    return article


def put_answers_last(article):
    """Put the answers to a chapter's questions behind the last question."""
    for number, question in enumerate(article.select(".lenet-question"), 1):
        answer = question.details.extract()
        answer.summary.string = f"Answer to question {number}"
        question.find_parent(class_="lenet-self-check").append(answer)


def redirect(link, place: Path, html: Path, pages: dict):
    """Let a link lead into the document; of one that cannot, the text stays."""
    url = urlsplit(link["href"])
    if url.scheme in ("http", "https", "mailto"):
        return
    target = urljoin(place.as_uri(), url.path) if not url.scheme else ""
    name = unquote(target).removeprefix(f"{html.as_uri()}/").removesuffix(".html")
    if name in pages:
        link["href"] = f"#{anchor(name, unquote(url.fragment))}"
    else:
        link.unwrap()


def find_head(page: BeautifulSoup, place: Path) -> list:
    """Find the style sheets and the typesetter of formulas, with whole addresses."""
    sheets = page.head.select('link[rel="stylesheet"]')
    scripts = [
        one for one in page.head.find_all("script") if "mathjax" in str(one).lower()
    ]
    for element in [*sheets, *scripts]:
        for key in {"href", "src"} & set(element.attrs):
            element[key] = urljoin(place.as_uri(), element[key])
    return [*sheets, *scripts]


def name_page(name: str, title: str) -> str:
    """Write the rule that puts a chapter's title above its pages."""
    text = json.dumps(title, ensure_ascii=False)
    return f"@page {anchor(name)} {{ @top-left {{ content: {text} }} }}\n"


def write_title(page: BeautifulSoup, settings: dict) -> str:
    """Write the first page: the title, and which build it is of."""
    return (
        f'<header class="lenet-title"><h1>{settings["title"]}</h1>'
        f"<p>{settings['author']}</p>{page.select_one('.lenet-build')}</header>"
    )


def write_table_of_contents(parts, titles: dict[str, str]) -> str:
    """Write the chapters in their parts, with room for the numbers of their pages."""
    lines = []
    for caption, names in parts:
        lines += [f"<h2>{caption}</h2>" if caption else "", "<ol>"]
        lines += [
            f'<li><a href="#{anchor(name)}">{titles[name]}</a><span></span></li>'
            for name in names
        ]
        lines += ["</ol>"]
    return f'<nav class="lenet-contents"><h1>Contents</h1>{"".join(lines)}</nav>'


def lay_out(page, address: str):
    """Open the document as it is printed, and wait until formulas are set."""
    page.emulate_media(media="print", color_scheme="light")
    page.goto(address)
    page.evaluate("MathJax.startup.promise.then(() => document.fonts.ready)")
    page.evaluate(FIT)


def print_page(page, path: Path):
    """Print a document that is laid out."""
    page.pdf(path=path, format="A4", tagged=True, outline=True, print_background=True)


def find_first_pages(path: Path) -> list[int]:
    """Find the page that each chapter begins on, from 1."""
    reader = PdfReader(path)
    chapters = [entry for entry in reader.outline if not isinstance(entry, list)]
    return [reader.get_destination_page_number(entry) + 1 for entry in chapters[2:]]


def finish(path: Path, author: str):
    """Name the author; let readers show the title, and the outline beside the text."""
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.docinfo["/Author"] = author
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        # The tags alone are 10 MB where each is written by itself.
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)


if __name__ == "__main__":
    built = ROOT / "_build" / "html"
    with start_chromium() as chromium:
        write_pdf(chromium, built, built.parent / FORMS / NAME)
