"""Make slides of what a chapter marks, from its built page; `decks.py` writes them.

A comment of MyST before a block of the chapter puts the block on a slide; the page
shows nothing of it, and no code runs again:

``% slide``
    The block begins a slide, whose title is the heading above it.
``% also``
    The block joins the slide.
``% slide 1, 3-4``
    Of a paragraph these lines, of a list these items, of a cell these lines of code.
``% slide code``, ``% slide output``
    Of a cell that part alone. Else it is what the page shows unfolded.

A chapter's question, its goals and its summary are slides without a mark. What the
chapter says up to the next slide or heading is the speaker's notes.
"""

import copy
import html
import itertools
import re

from bs4 import BeautifulSoup, Comment, NavigableString, Tag

MARK = re.compile(r"\s*(slide|also)\b(.*)")
LINES = re.compile(r"(\d+)(?:-(\d+))?")
GOALS = ".admonition-in-this-chapter-you-will"
TEXT = ("p", "ul", "ol", "dl")
# A page's means of its own, which lead nowhere on a slide.
LEFT_OUT = ".headerlink, .footnote-reference, button.copybtn"


class MarkError(ValueError):
    """A mark that cannot be followed, and why."""


def make_slides(page: BeautifulSoup) -> list[str]:
    """Make the slides of a chapter.

    Parameters
    ----------
    page : soup of the built page

    Returns
    -------
    list of str : a ``<section>`` each; empty where nothing is marked

    Raises
    ------
    MarkError : a mark stands before no block, or asks for what a block has not.
    """
    article = page.find("article")
    marks = [
        (comment, match)
        for comment in article.find_all(string=lambda text: isinstance(text, Comment))
        if (match := MARK.fullmatch(comment.strip()))
    ]
    if not marks:
        return []
    slides, shown = [], []
    for comment, match in marks:
        block = _find_next(comment)
        if block is None:
            raise MarkError(f"Nothing follows the mark '% {comment.strip()}'.")
        if match[1] == "slide":
            shown = []
            slides.append((block, shown))
        elif not slides:
            raise MarkError("The first mark is '% also'; begin with '% slide'.")
        try:
            shown += _take(block, match[2])
        except MarkError as error:
            text = " ".join(block.get_text().split())[:60]
            raise MarkError(f"'% {comment.strip()}' before '{text}': {error}") from None
    made = [
        _write_slide(_find_title(block), shown, _find_notes(block))
        for block, shown in slides
    ]
    return [*_make_opening(article), *made, *_make_summary(article)]


def _find_next(comment: Comment) -> Tag | None:
    """Find the block after a mark; a target of links is none."""
    for sibling in comment.next_siblings:
        if isinstance(sibling, Tag) and not (
            sibling.name == "span" and not sibling.get_text()
        ):
            return sibling
    return None


def _take(block: Tag, asked: str) -> list[tuple[str, str]]:
    """Take of a block what a mark asks for: kinds and their HTML."""
    words = asked.replace(",", " ").split()
    parts = [word for word in words if word in ("code", "output")]
    lines = []
    for word in words:
        if found := LINES.fullmatch(word):
            lines += range(int(found[1]), int(found[2] or found[1]) + 1)
        elif word not in parts:
            raise MarkError(f"'{word}' is neither a number nor code nor output.")
    block = clean(block)
    classes = block.get("class", [])
    if "cell" in classes:
        return _take_cell(block, parts, lines)
    if parts:
        raise MarkError("only a code cell has code or output.")
    if "exercise" in classes:
        return _take_exercise(block)
    if block.name == "p":
        kept = _pick(_split(block), lines)
        return [("text", "".join(f"<p>{line}</p>" for line in kept))]
    if block.name in TEXT:
        items = block.find_all(["li", "dt"], recursive=False)
        if block.name == "ol":  # one that is picked keeps its number
            for number, item in enumerate(items, start=int(block.get("start", 1))):
                item["value"] = str(number)
        items = _pick(items, lines)
        if lines:
            block.clear()
            block.extend(items)
        return [("text", str(block))]
    if lines:
        raise MarkError("only a paragraph, a list and code have lines.")
    if "math" in classes or "admonition" in classes:
        return [("text", "".join(map(str, _contents(block))))]
    return [("figure", str(block))]


def _contents(block: Tag) -> list[Tag]:
    """List what is in a box without its title; a block without one is itself."""
    if "admonition" not in block.get("class", []):
        return [block]
    inner = block.find("section", recursive=False) or block
    return [
        child
        for child in inner.find_all(True, recursive=False)
        if "admonition-title" not in child.get("class", [])
    ]


def _take_cell(cell: Tag, parts: list[str], lines: list[int]) -> list:
    """Take the code of a cell, its output, or both."""
    taken = []
    for part, name in ("input", "code"), ("output", "output"):
        for box in cell.select(f".cell_{part}"):
            if name in parts or (not parts and box.find_parent("details") is None):
                if name == "code" and lines:
                    _keep_lines(box.find("pre"), lines)
                taken.append(str(box))
    if not taken:
        raise MarkError("the page folds all of this cell, so say code or output.")
    classes = " ".join(
        name for name in cell["class"] if not name.startswith("tag_hide")
    )
    return [("figure", f'<div class="{classes}">{"".join(taken)}</div>')]


def _keep_lines(code: Tag, lines: list[int]) -> None:
    """Keep some lines of highlighted code; blank ones at its start are none."""
    kept = _pick(code.decode_contents().rstrip().split("\n"), lines)
    code.clear()
    # Outside of <pre> the parser would drop indents.
    text = "<pre>" + "\n".join(kept) + "</pre>"
    code.extend(list(BeautifulSoup(text, "html.parser").pre.contents))


def _take_exercise(box: Tag) -> list[tuple[str, str]]:
    """Take the text of an exercise and the cells to fill in, not its check."""
    taken = []
    for child in _contents(box):
        if "cell" not in child.get("class", []):
            taken.append(("text", str(child)))
        elif child.find("details") is None:
            taken += _take_cell(child, ["code"], [])
    return taken


def _split(paragraph: Tag) -> list[str]:
    """Split a paragraph where its source has line breaks: after each sentence."""
    lines = [""]
    for child in paragraph.children:
        if isinstance(child, NavigableString):
            first, *others = html.escape(child, quote=False).split("\n")
            lines[-1] += first
            lines += others
        else:
            lines[-1] += str(child)
    return [line for line in lines if line.strip()]


def _pick(items: list, numbers: list[int]) -> list:
    """Pick items by number, the first is 1; all where no number is given."""
    if numbers and not 0 < max(numbers) <= len(items):
        raise MarkError(
            f"there is no line {max(numbers)}, the last one is {len(items)}."
        )
    return [items[number - 1] for number in numbers] if numbers else items


def clean(block: Tag) -> Tag:
    """Copy a block without links, which lead nowhere on a slide."""
    block = copy.copy(block)
    for element in block.select(LEFT_OUT):
        before = element.previous_sibling
        if isinstance(before, NavigableString):
            before.replace_with(before.rstrip(" "))
        element.decompose()
    for link in block.select("a"):
        link.unwrap()
    for element in block.select("[src^='../']"):
        element["src"] = element["src"].removeprefix("../")
    return block


def _find_title(block: Tag) -> str:
    """Find a slide's title: that of an exercise, else the heading above."""
    if "exercise" in block.get("class", []):
        return clean(block.find(class_="admonition-title")).decode_contents()
    heading = block.find_parent("section").find(re.compile("h[1-6]"))
    if heading is None:
        text = block.get_text()
        raise MarkError(f"A mark is within an exercise or its solution: {text!r}.")
    return clean(heading).decode_contents()


def _find_notes(block: Tag) -> list[Tag]:
    """List what the chapter says from a block to the next slide or heading."""
    notes = []
    for element in [block, *block.next_siblings]:
        if isinstance(element, Comment) and element.strip().startswith("slide"):
            break
        if not isinstance(element, Tag):
            continue
        if element.name == "section":
            break
        classes = set(element.get("class", []))
        if element.name in TEXT or classes & {"math", "admonition"}:
            if "exercise" in classes:
                if element is not block:
                    break
                continue
            notes += _contents(element)
    return notes


def _write_slide(title: str, shown: list, notes: list[Tag], level: int = 2) -> str:
    body = ""
    for kind, group in itertools.groupby(shown, key=lambda each: each[0]):
        content = "".join(text for _, text in group)
        if kind == "figure":  # which is shown as large as there is room for
            content = f"<div>{content}</div>"
        body += f'<div class="slide-{kind}">{content}</div>'
    said = "".join(str(_plain(note)) for note in notes)
    return (
        f'<section><div class="slide"><h{level}>{title}</h{level}>'
        f'<div class="slide-body">{body}</div></div>'
        f'<aside class="notes">{said}</aside></section>\n'
    )


def _plain(note: Tag) -> Tag:
    """Write a note for the speaker's window, which knows no figures and no MathJax."""
    note = clean(note)
    for element in note.select("script, style, img, details"):
        element.decompose()
    for formula in [note, *note.select(".math")]:
        if "math" in formula.get("class", []):
            formula.name, formula["class"] = "code", []
            formula.string = re.sub(r"\\[()\[\]]", "", formula.get_text())
    for element in [note, *note.select("[id]")]:
        element.attrs.pop("id", None)
    return note


def _make_opening(article: Tag) -> list[str]:
    """Make the slide with the chapter's question, and the one with its goals."""
    heading, goals = article.find("h1"), article.select_one(GOALS)
    before = goals.find_all_previous("p")
    intro = [p for p in heading.find_next_siblings("p") if p in before]
    opening = _write_slide(
        clean(heading).decode_contents(), _take(intro[0], ""), intro, level=1
    )
    return [opening, _write_box(goals.find(class_="admonition-title"), goals)]


def _make_summary(article: Tag) -> list[str]:
    summary = article.find("section", id="summary")
    return [_write_box(summary.find("h2"), summary)]


def _write_box(title: Tag, box: Tag) -> str:
    """Write a slide of the list in a box; the rest of the box is for the speaker."""
    notes = [p for p in box.find_all("p", recursive=False) if p is not title]
    shown = _take(box.find("ul"), "")
    return _write_slide(clean(title).decode_contents(), shown, notes)
