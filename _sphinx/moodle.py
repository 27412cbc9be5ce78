"""Write the question bank for a learning platform, as Moodle XML: `make questions`.

A category for each chapter, in the order of the book. Each choice has its reason as
feedback, and behind each question stands which section teaches it.
"""

import argparse
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import yaml
from contents import read_parts
from questions import INLINE, ROOT, Question, find_bank, find_section, read_bank

FILE = "lenet-hands-on.xml"


def make_quiz(banks: list[tuple[Path, list[Question]]], course: str) -> ET.Element:
    """Make the root element of a Moodle file.

    Parameters
    ----------
    banks : list of (path of a chapter, its questions)
    course : str
        The name of the category that holds those of the chapters.
    """
    quiz = ET.Element("quiz")
    for number, (path, questions) in enumerate(banks, 1):
        chapter = path.read_text(encoding="utf-8")
        title = re.search(r"^# (.+)$", chapter, re.M)[1]
        # A slash would part categories, so Moodle wants it twice.
        name = f"{number:02} {title}".replace("/", "//")
        category = ET.SubElement(quiz, "question", type="category")
        _add_text(category, "category", f"$course$/top/{course}/{name}")
        for question in questions:
            section = find_section(chapter, question.taught)
            quiz.append(_make_question(question, title, section))
    return quiz


def _make_question(question: Question, chapter: str, section: str) -> ET.Element:
    element = ET.Element("question", type="multichoice")
    _add_text(element, "name", question.name)
    # Shown alone, "the chapter" of a question must have a name.
    _add_html(element, "questiontext", question.text, above=chapter)
    _add_html(element, "generalfeedback", f"Taught in *{chapter}*: {section}")
    for tag, value in (
        ("defaultgrade", "1"),
        ("penalty", "0.3333333"),
        ("hidden", "0"),
        ("idnumber", question.name),
        ("single", "true"),
        ("shuffleanswers", "true"),
        ("answernumbering", "ABCD"),
        ("showstandardinstruction", "0"),
    ):
        ET.SubElement(element, tag).text = value
    for choice in question.choices:
        fraction = "100" if choice.right else "0"
        answer = _add_html(element, "answer", choice.text, fraction=fraction)
        _add_html(answer, "feedback", choice.why)
    return element


def _add_text(parent: ET.Element, tag: str, text: str, **attributes) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    ET.SubElement(element, "text").text = text
    return element


def _add_html(
    parent: ET.Element, tag: str, markdown: str, *, above: str = "", **attributes
) -> ET.Element:
    html = f"<p>{INLINE.renderInline(markdown)}</p>"
    if above:
        html = f"<p><small>{INLINE.renderInline(above)}</small></p>{html}"
    return _add_text(parent, tag, html, format="html", **attributes)


def write_moodle(folder: Path, *, root: Path = ROOT) -> Path:
    """Write all banks of the book's chapters into one file.

    Parameters
    ----------
    folder : path
    root : path
        Of the course.

    Raises
    ------
    QuestionError : a bank does not keep to the format.
    """
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    banks = []
    for _, pages in read_parts(root):
        for page in pages:
            path = root / f"{page}.md"
            bank = find_bank(path.stem, root=root)
            if bank.exists():  # an appendix asks nothing
                banks.append((path, read_bank(bank)))
    tree = ET.ElementTree(make_quiz(banks, settings["title"]))
    ET.indent(tree)
    folder.mkdir(parents=True, exist_ok=True)
    tree.write(folder / FILE, encoding="UTF-8", xml_declaration=True)
    return folder / FILE


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    print(write_moodle(parser.parse_args().folder))
