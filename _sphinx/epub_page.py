"""Turn a page of the built book into XHTML that a reading device shows without scripts.

Formulas become MathML, an interactive figure its still picture, and what a script folds
on the page a `<details>`. Links stay within the volume where they can.
"""

import base64
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Comment, Tag
from math_core import LatexError, LatexToMathML

PAGE = """\
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"
 xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="en" lang="en">
<head>
<title>{title}</title>
<link rel="stylesheet" type="text/css" href="course.css"/>
</head>
<body>
{body}
</body>
</html>
"""
# What a page has for the mouse, a script or another format.
LEFT_OUT = (
    "script, style, button, .headerlink, .toctree-wrapper, .lenet-links, "
    ".lenet-question input, summary .expanded"
)
WIDE = 6  # columns; a table with more has small print
STILL = "A still picture. On the course's page this figure can be touched."
DATA = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,(.*)", re.S)
MATH = LatexToMathML(xml_namespace=True, fancy_error=False)
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # not allowed in XML
DARK = re.compile(r"<style>svg\{.*?</style>", re.S)  # of `plots.follow_theme`
# What a reader of books takes for a fault in a drawing of Matplotlib.
DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>")
IMAGE_ID = re.compile(r"(<image\b[^>]*?) id=\"[^\"]*\"")  # twice, if two are the same
NO_PATH = re.compile(r"<path(?![^>]*\sd=)")


def convert_page(path: Path) -> tuple[Tag, dict[str, bytes]]:
    """Read the text of a page, made fit for a volume; its links lead as on the page.

    Parameters
    ----------
    path : Path
        Of the page in the built book.

    Returns
    -------
    Tag
        The article.
    dict of str to bytes
        The pictures that it shows, by their names in the volume.

    Raises
    ------
    ValueError : the page has no article, or a formula that cannot be converted.
    """
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    article = soup.find("article")
    if article is None:
        raise ValueError(f"{path} has no <article>: build the book again.")
    for element in article.select(LEFT_OUT):
        element.decompose()
    for comment in article.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    number_equations(soup, article)
    for formula in article.find_all(class_="math"):
        formula.replace_with(make_mathml(formula, path))
    keep_stills(soup, article)
    fold(article)
    mend_markup(article)
    return article, move_pictures(article, path)


def write_page(title: str, body: str) -> str:
    """Write a page of XHTML.

    Parameters
    ----------
    title : str
    body : str
        XHTML.
    """
    return UNPRINTABLE.sub("", PAGE.format(title=escape(title), body=body.strip()))


def escape(text: str) -> str:
    """Write a text as XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def number_equations(soup, article):
    """Put the number of an equation beside it, and the names by which it is linked."""
    for formula in article.select("div.math"):
        box = soup.new_tag("div", attrs={"class": "equation"})
        if formula.get("id"):
            box["id"] = formula["id"]
        number = formula.find(class_="eqno")
        formula.replace_with(box)
        box.append(formula)
        if number:
            box.append(number.extract())


def make_mathml(formula, path: Path):
    r"""Convert an element with \(TeX\) or \[TeX\] to MathML, which names its TeX."""
    tex = formula.get_text().strip()
    is_block = tex.startswith(r"\[")
    tex = " ".join(tex[2:-2].split())
    source = tex.replace("{split}", "{aligned}")  # which math-core knows
    try:
        text = MATH.convert_with_local_state(source, displaystyle=is_block)
    except LatexError as error:
        raise ValueError(
            f"{path.name}: math-core cannot convert the formula {tex!r}: {error}"
        ) from error
    math = BeautifulSoup(text, "html.parser").find("math")
    math["alttext"] = tex
    for element in math.find_all(attrs={"displaystyle": True}):
        if element.name not in ("math", "mstyle"):  # MathML 3 allows it there alone
            style = BeautifulSoup("<mstyle></mstyle>", "html.parser").mstyle.extract()
            style["displaystyle"] = element.attrs.pop("displaystyle")
            element.wrap(style)
    return math


def keep_stills(soup, article):
    """Show the still picture of an interactive figure, and say that it is one."""
    for figure in article.select(".lenet-figure"):
        still = figure.find("img").extract()
        note = soup.new_tag("p", attrs={"class": "still"})
        note.string = STILL
        figure.replace_with(still)
        still.insert_after(note)


def fold(article):
    """Fold code by `<details>` with one title, and solutions, which a script folds."""
    for summary in article.select("summary"):
        summary.attrs = {}
    for summary in article.select("details.hide > summary"):
        summary.string = "Code"
    for solution in article.select("div.dropdown.admonition"):
        title = solution.find(class_="admonition-title")
        for link in title.find_all("a"):
            link.unwrap()
        title.name, title.attrs = "summary", {}
        solution.name = "details"


def mend_markup(article):
    """Take out what XHTML does not know or a reader without a mouse does not need."""
    for element in article.find_all(True):
        element.attrs.pop("tabindex", None)
        if element.name == "p" and element.find(["ul", "ol", "dl"]):
            element.name = "div"  # which a browser would end before the list
        if element.get("id"):
            element["id"] = make_id(element["id"])
    for row in article.select("thead tr:first-child"):
        if len(row.find_all(["th", "td"])) > WIDE:
            row.find_parent("table")["class"] = "wide"
    seen = set()
    for element in article.find_all(id=True):
        if element["id"] in seen:
            del element["id"]
        else:
            seen.add(element["id"])


def make_id(name: str) -> str:
    """Make a name of XML, which begins with a letter, of the id of an element."""
    name = re.sub(r"[^\w.-]", "-", name)
    return name if re.match(r"[^\W\d]", name) else f"id-{name}"


def move_pictures(article, path: Path) -> dict[str, bytes]:
    """Let every picture be a file beside the pages; returns those of this page."""
    pictures = {}
    for image in article.find_all("img"):
        data = DATA.match(image["src"])
        if data:
            kind = {"svg+xml": "svg", "jpeg": "jpg"}.get(data[1], data[1])
            content = base64.b64decode(data[2])
            name = f"{path.stem}-{len(pictures)}.{kind}"
        else:
            file = path.parent / unquote(image["src"])
            name, content = f"{file.stem[:16]}{file.suffix}", file.read_bytes()
        if name.endswith(".svg"):
            content = mend_drawing(content.decode()).encode()
        image["src"] = f"images/{name}"
        pictures[image["src"]] = content
    return pictures


def mend_drawing(svg: str) -> str:
    """Make a drawing that follows the page one of a light page, and valid.

    Readers of books know no custom properties, and would paint it black.
    """
    svg = IMAGE_ID.sub(r"\1", DOCTYPE.sub("", svg, count=1))
    svg = NO_PATH.sub('<path d="M 0 0"', svg)
    svg = DARK.sub('<style type="text/css">svg{fill:#000000}</style>', svg, count=1)
    return re.sub(r"var\(--c([0-9a-f]{6})\)", r"#\1", svg)


def mend_links(article, path: Path, names: dict[Path, str], ids: dict[str, set[str]]):
    """Lead links to the pages of the volume; what leads elsewhere here is text.

    Parameters
    ----------
    article : Tag
    path : Path
        Of the page that it was.
    names : dict of Path to str
        The file in the volume of each page that is in it.
    ids : dict of str to set of str
        What can be linked in each file; a link to another place leads to its page.
    """
    for link in article.find_all("a"):
        target = urlsplit(link.get("href", ""))
        if target.scheme in ("http", "https", "mailto"):
            continue
        file = path.parent / unquote(target.path) if target.path else path
        name = names.get(file.resolve())
        if target.scheme or name is None or not (target.path or target.fragment):
            link.unwrap()
            continue
        place = make_id(unquote(target.fragment)) if target.fragment else ""
        link["href"] = f"{name}#{place}" if place in ids[name] else name
