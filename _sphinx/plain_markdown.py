"""Write MyST as Markdown that reads well without Sphinx, as in Colab.

The commonest directives and roles are turned into headings, quotes, links and text; a
directive that is not known stays as it is. What they refer to, the book knows.
"""

import re
from dataclasses import dataclass, field

import pybtex.database
from pybtex.plugin import find_plugin

FENCE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[\w-]+)\}[ \t]*(?P<title>.*)\n"
    r"(?P<options>(?::[\w-]+:.*\n)*)(?P<body>(?:.*\n)*?)(?P=fence)[ \t]*$",
    re.M,
)
OTHER_FENCE = re.compile(r"^(`{3,})(?!\{).*\n(?:.*\n)*?\1[ \t]*$", re.M)
LABEL = re.compile(r"^\([\w-]+\)=\n", re.M)
ROLE = re.compile(r"\{(?P<role>[\w:]+)\}`(?P<content>[^`]+)`")
TARGET = re.compile(r"(?P<text>.+?)\s*<(?P<label>[\w-]+)>", re.S)
QUOTED = ("admonition", "note", "tip", "warning", "important")


@dataclass(frozen=True)
class Place:
    """What a label stands for: its title, its number, and the page that has it."""

    page: str  # "lenet5"
    title: str = ""
    number: str = ""  # "7.1"


@dataclass
class Book:
    """What the text of one page may refer to.

    Parameters
    ----------
    page : str
        The page itself.
    places : dict
        From a label to its `Place`.
    pages : set of str
        Those that are notebooks, too, and so can be linked to.
    works : dict
        From a key of the bibliography to pybtex's entry.
    """

    page: str
    places: dict[str, Place] = field(default_factory=dict)
    pages: set[str] = field(default_factory=set)
    works: dict[str, pybtex.database.Entry] = field(default_factory=dict)
    cited: dict[str, None] = field(default_factory=dict)  # in their order

    def link(self, label: str, text: str) -> str:
        """Make a link to where a label is; on this page, and to no notebook, text."""
        page = self.places[label].page
        return f"[{text}]({page}.ipynb)" if page in self.pages - {self.page} else text

    def name_work(self, key: str) -> tuple[str, str]:
        """Name the authors of a work, and its year with a letter if it needs one."""
        authors = _name_authors(self.works[key])
        year = self.works[key].fields.get("year", "n.d.")
        alike = [
            other
            for other, work in self.works.items()
            if (_name_authors(work), work.fields.get("year", "n.d.")) == (authors, year)
        ]
        return authors, year + (chr(97 + alike.index(key)) if len(alike) > 1 else "")


def write_plain(text: str, book: Book) -> str:
    """Turn the MyST of a Markdown cell into plain Markdown.

    Parameters
    ----------
    text : str
    book : Book
        Its `cited` grows by the works that are cited here.
    """
    text = LABEL.sub("", text + "\n")
    parts, end = [], 0
    for match in OTHER_FENCE.finditer(text):  # code is not read
        parts += [_write_prose(text[end : match.start()], book), match[0]]
        end = match.end()
    parts.append(_write_prose(text[end:], book))
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip()


def _write_prose(text: str, book: Book) -> str:
    text = FENCE.sub(lambda match: _write_directive(match, book), text)
    return ROLE.sub(lambda match: _write_role(match, book), text)


def _write_directive(match: re.Match, book: Book) -> str:
    name, title, body = match["name"], match["title"].strip(), match["body"].strip()
    options = dict(re.findall(r"^:([\w-]+):[ \t]*(.*)$", match["options"], re.M))
    if name in QUOTED:
        heading = title if name == "admonition" else name.capitalize()
        lines = ["", f"**{heading}**", "", *_write_prose(body, book).split("\n"), ""]
        return "\n".join(f"> {line}".rstrip() for line in lines[1:-1])
    if name == "exercise-start":
        number = book.places[options["label"]].number
        heading = f"### Exercise {number}" + (f": {title}" if title else "")
        return f"{heading}\n\n{body}"
    if name == "solution-start":
        return f"**Solution of exercise {book.places[title].number}**\n\n{body}"
    if name == "math":
        label = options.get("label")
        number = book.places[label].number if label in book.places else ""
        tag = rf" \tag{{{number}}}" if number else ""
        return f"$$\n{body}{tag}\n$$"
    if name == "footbibliography":
        return _write_bibliography(book)
    ends = ("exercise-end", "solution-end", "nb-exec-table")
    return "" if name in ends else match[0]


def _write_role(match: re.Match, book: Book) -> str:
    role, content = match["role"], match["content"]
    target = TARGET.fullmatch(content)
    text, label = (target["text"], target["label"]) if target else ("", content)
    if role == "term":
        return text or content
    if role in ("footcite:t", "footcite:p"):
        return _cite(content, book, in_text=role[-1] == "t")
    place = book.places.get(label)
    if place is None or role not in ("ref", "numref", "eq"):
        return match[0]
    if role == "eq":
        return book.link(label, f"({place.number})")
    if role == "numref":
        return book.link(label, f"Figure {place.number}")
    return book.link(label, text or place.title)


def _cite(content: str, book: Book, *, in_text: bool) -> str:
    keys = [key.strip() for key in content.split(",")]
    book.cited.update(dict.fromkeys(keys))
    names = [book.name_work(key) for key in keys]
    if in_text:
        return ", ".join(f"{authors} ({year})" for authors, year in names)
    return f"({'; '.join(f'{authors}, {year}' for authors, year in names)})"


def _write_bibliography(book: Book) -> str:
    style = find_plugin("pybtex.style.formatting", "plain")()
    backend = find_plugin("pybtex.backends", "markdown")()
    lines = []
    for key in book.cited:
        work = next(iter(style.format_entries([book.works[key]])))
        authors, year = book.name_work(key)
        lines.append(f"- **{authors}, {year}.** {work.text.render(backend)}")
    return "\n".join(["### References", "", *sorted(lines)]) if lines else ""


def _name_authors(work: pybtex.database.Entry) -> str:
    people = work.persons.get("author") or work.persons.get("editor") or []
    names = [
        re.sub(r"[{}]", "", " ".join(p.prelast_names + p.last_names)) for p in people
    ]
    if not names:
        return work.fields.get("organization") or work.fields.get("title", work.key)
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)
