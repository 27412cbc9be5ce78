"""Write MyST as Markdown that reads well without Sphinx, as in Colab.

The commonest directives and roles are turned into headings, quotes, links and text; a
directive that is not known stays as it is. What they refer to, the book knows.
"""

import re
from dataclasses import dataclass, field

import pybtex.database
from pybtex.plugin import find_plugin
from questions import ROOT, find_bank, read_bank, write_markdown

FENCE = re.compile(  # of a directive, or of code, which has no name in braces
    r"^(?P<fence>`{3,}|:{3,})(?:\{(?P<name>[\w-]+)\})?[ \t]*(?P<title>.*)\n"
    r"(?P<options>(?::[\w-]+:.*\n)*)(?P<body>(?:.*\n)*?)(?P=fence)[ \t]*$",
    re.M,
)
LABEL = re.compile(r"^(?:\([\w-]+\)=|% .*)\n", re.M)  # and comments: marks of slides
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

    def number(self, label: str | None) -> str:
        """Give the number of what has a label; empty where the book knows none."""
        return self.places[label].number if label in self.places else ""

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
    for match in FENCE.finditer(text):  # in turn: an end looks like a beginning
        parts.append(_write_roles(text[end : match.start()], book))
        parts.append(_write_directive(match, book))
        end = match.end()
    parts.append(_write_roles(text[end:], book))
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip()


def _write_roles(text: str, book: Book) -> str:
    return ROLE.sub(lambda match: _write_role(match, book), text)


def _write_directive(match: re.Match, book: Book) -> str:
    name, title, body = match["name"], match["title"].strip(), match["body"].strip()
    options = dict(re.findall(r"^:([\w-]+):[ \t]*(.*)$", match["options"], re.M))
    if name in QUOTED:
        heading = title if name == "admonition" else name.capitalize()
        lines = [f"**{heading}**", "", *_write_roles(body, book).split("\n")]
        return "\n".join(f"> {line}".rstrip() for line in lines)
    if name == "exercise-start":
        heading = f"### Exercise {book.number(options.get('label'))}".rstrip()
        return f"{heading}: {title}\n\n{body}" if title else f"{heading}\n\n{body}"
    if name == "solution-start":
        return f"**Solution of exercise {book.number(title)}**\n\n{body}"
    if name == "math":
        number = book.number(options.get("label"))
        tag = rf" \tag{{{number}}}" if number else ""
        return f"$$\n{body}{tag}\n$$"
    if name == "footbibliography":
        return _write_bibliography(book)
    if name == "self-check":
        chapter = (ROOT / "chapters" / f"{book.page}.md").read_text(encoding="utf-8")
        return write_markdown(read_bank(find_bank(book.page)), chapter)
    ends = ("exercise-end", "solution-end", "nb-exec-table")
    return "" if name in ends else match[0]


def _write_role(match: re.Match, book: Book) -> str:
    role, content = match["role"], match["content"]
    target = TARGET.fullmatch(content)
    text, label = (target["text"], target["label"]) if target else ("", content)
    if role == "term":
        return text or content
    if role in ("footcite:t", "footcite:p"):
        line = match.string[: match.start()].rpartition("\n")[2]
        if role[-1] == "p":
            return f"({_cite(content, book)})"
        return _cite(content, book, in_brackets=line.count("(") > line.count(")"))
    place = book.places.get(label)
    if place is None or role not in ("ref", "numref", "eq"):
        return match[0]
    if role == "eq":
        return book.link(label, f"({place.number})")
    if role == "numref":
        return book.link(label, f"Figure {place.number}")
    return book.link(label, text or place.title)


def _cite(content: str, book: Book, *, in_brackets: bool = True) -> str:
    keys = [key.strip() for key in content.split(",")]
    book.cited.update(dict.fromkeys(keys))
    names = [book.name_work(key) for key in keys]
    if in_brackets:
        return "; ".join(f"{authors}, {year}" for authors, year in names)
    return ", ".join(f"{authors} ({year})" for authors, year in names)


def _write_bibliography(book: Book) -> str:
    style = find_plugin("pybtex.style.formatting", "plain")()
    backend = find_plugin("pybtex.backends", "markdown")()
    lines = []
    for key in book.cited:
        work = next(iter(style.format_entries([book.works[key]])))
        authors, year = book.name_work(key)
        text = work.text.render(backend).replace("\n", " ")
        lines.append(f"- **{authors}, {year}**: {text}")
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
