"""The question bank: its format, its questions, and the files made of it."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import yaml
from moodle import FILE, make_quiz, write_moodle
from plain_markdown import Book, write_plain
from questions import (
    LETTERS,
    ROOT,
    QuestionError,
    find_bank,
    find_section,
    read_bank,
    write_markdown,
)

import lenet_helpers
from lenet_helpers import paper

BANKS = sorted((ROOT / "teaching" / "questions").glob("*.yml"))
FEWEST = 10  # questions of a chapter
NAMES = {
    **{name: getattr(lenet_helpers, name) for name in lenet_helpers.__all__},
    "paper": paper,
    "math": math,
    "np": np,
}
GOOD = """\
- name: good-one
  question: What is $1 < 2$?
  taught: sec-good-part
  choices:
    - text: It is `True`.
      right: true
      why: So *Python* says.
    - text: It is 0.10
      why: Not `.{3}` at all.
    - text: It is wrong.
      why: It is
        not.
  check: 1 < 2
"""
CHAPTER = """\
# Good
(sec-good-part)=
## A part

```{math}
:label: eq-good
```
$$
1
$$ (eq-good-too)

```{code-cell}
# No heading
```
```{code-cell}
---
mystnb: {figure: {name: fig-good, caption: "A"}}
---
```
(sec-good-paragraph)=
No heading.

## Exercises
```{exercise-start} Count
:label: ex-good
```
"""


def read(path):
    return path.read_text(encoding="utf-8")


def read_text(text, folder):
    path = folder / "good.yml"
    path.write_text(text, encoding="utf-8")
    return read_bank(path)


def is_right_the_longest(question):
    lengths = [len(choice.text) for choice in question.choices]
    longest = lengths.pop(question.right)
    return longest > max(lengths)


# The format


def test_a_bank_is_read_as_it_is_written(tmp_path):
    (question,) = read_text(GOOD, tmp_path)
    assert (question.name, question.taught) == ("good-one", "sec-good-part")
    assert question.choices[question.right].text == "It is `True`."
    texts = {choice.text: choice.why for choice in question.choices}
    assert texts["It is 0.10"] == "Not `.{3}` at all."  # the zero is kept
    assert texts["It is wrong."] == "It is not."  # on one line
    assert question.check == "1 < 2"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (GOOD, "", "no list of questions"),
        (GOOD, "name: good", "no list of questions"),
        (GOOD, "- [", "no YAML"),
        (GOOD, "- good", "question 1: 'good' is not of the form"),
        (GOOD, GOOD + GOOD, "question 2: the name 'good-one' is taken"),
        ("good-one", "Good one", "small letters"),
        ("  taught: sec-good-part\n", "", "question 1: `taught` is missing"),
        ("check: 1", "chek: 1", "`chek` is not known"),
        ("right: true", "rigth: true", "choice 1: `rigth` is not known"),
        ("      right: true\n", "", "(good-one): 0 choices have `right: true`"),
        ("0.10\n", "0.10\n      right: true\n", "2 choices have `right: true`"),
        ("right: true", "right: yes", "choice 1: `right` is 'yes'"),
        ("why: Not `.{3}` at all.", "why:", "choice 2: `why` is no text"),
        ("0.10", "wrong.", "two choices have the same `text`"),
        (GOOD[GOOD.index("    - text: It is wrong") : -15], "", "a list of 3 to 5"),
        ("`True`", "{term}`True`", "choice 1: `text` holds the role {term}"),
        ("*Python*", "<b>Python</b>", "`why` holds '<b>'"),
        ("*Python*", "[it](there)", "`why` holds 'link_open'"),
    ],
)
def test_a_fault_is_named_with_its_place(old, new, complaint, tmp_path):
    assert old in GOOD
    with pytest.raises(QuestionError, match=re.escape(complaint)) as error:
        read_text(GOOD.replace(old, new), tmp_path)
    assert "good.yml" in str(error.value)


def test_a_bank_that_is_missing_is_named(tmp_path):
    with pytest.raises(QuestionError, match=r"none.yml is missing"):
        read_bank(find_bank("none", root=tmp_path))


def test_the_order_of_choices_is_the_same_in_every_build_and_not_that_of_the_file(
    tmp_path,
):
    rights = [
        read_text(GOOD.replace("good-one", f"good-{number}"), tmp_path)[0].right
        for number in range(300)
    ]
    assert all(80 < rights.count(place) < 120 for place in range(3))
    assert rights[:6] == [1, 1, 2, 2, 0, 2]


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("sec-good-part", "A part"),
        ("eq-good", "A part"),
        ("eq-good-too", "A part"),
        ("fig-good", "A part"),
        ("ex-good", "the exercise *Count*"),
    ],
)
def test_the_section_of_a_label_is_found(label, title):
    assert find_section(CHAPTER, label) == title


@pytest.mark.parametrize("label", ["sec-other", "sec-good-paragraph", "sec-good"])
def test_a_label_that_leads_to_no_section_is_a_fault(label):
    with pytest.raises(QuestionError, match=label):
        find_section(CHAPTER, label)


# The questions


def test_each_chapter_with_exercises_asks_its_questions_before_its_summary():
    contents = yaml.safe_load(read(ROOT / "_toc.yml"))
    asking = "\n## Check yourself\n\n```{self-check}\n```\n\n## Summary\n"
    chapters = []
    for part in contents["parts"]:
        for page in part["chapters"]:
            text = read(ROOT / f"{page['file']}.md")
            if "{exercise-start}" in text:
                chapters.append(page["file"].rpartition("/")[2])
                assert asking in text, page["file"]
    assert sorted(chapters) == [path.stem for path in BANKS]


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.stem)
def test_a_bank_asks_enough_and_says_where_the_answer_is_taught(path):
    questions = read_bank(path)
    assert len(questions) >= FEWEST
    chapter = read(ROOT / "chapters" / f"{path.stem}.md")
    for question in questions:
        assert find_section(chapter, question.taught)


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.stem)
def test_what_can_be_computed_is_true(path):
    for question in read_bank(path):
        if question.check:
            assert eval(question.check, dict(NAMES)), (question.name, question.check)


def test_names_are_unique_in_the_bank():
    names = [question.name for path in BANKS for question in read_bank(path)]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.stem)
def test_neither_length_nor_place_tells_which_answer_is_right(path):
    questions = read_bank(path)
    longest = [q.name for q in questions if is_right_the_longest(q)]
    assert len(longest) <= len(questions) / 2
    rights = [question.right for question in questions]
    commonest = max(rights, key=rights.count)
    assert rights.count(commonest) < 0.75 * len(questions), LETTERS[commonest]


# The files made of it


def test_a_notebook_has_the_questions_with_folded_answers(tmp_path):
    markdown = write_markdown(read_text(GOOD, tmp_path), CHAPTER)
    question, _, answers = markdown.partition("<details>")
    assert question.startswith("**Question 1.** What is $1 < 2$?")
    assert len(re.findall(r"^- \*\*[ABC]\.\*\* It is", question, re.M)) == 3
    letter = re.search(r"\*\*(\w)\.\*\* It is `True`", question)[1]
    assert f"- **{letter} is right.** So *Python* says." in answers
    assert answers.count("is not right.** ") == 2
    assert "Taught in: A part\n\n</details>" in answers


def test_the_directive_becomes_the_questions_of_the_notebooks_chapter():
    text = write_plain("## Check yourself\n\n```{self-check}\n```", Book("convolution"))
    questions = read_bank(find_bank("convolution"))
    assert text.startswith("## Check yourself\n\n**Question 1.** ")
    assert text.count("<details>") == text.count("</details>") == len(questions)
    assert "{" not in text.replace("{ref}", "")


def test_the_moodle_file_has_what_moodle_imports(tmp_path):
    root = ET.parse(write_moodle(tmp_path)).getroot()
    assert (tmp_path / FILE).read_text().startswith("<?xml")  # or Moodle reads nothing
    categories = [q for q in root if q.get("type") == "category"]
    questions = [q for q in root if q.get("type") == "multichoice"]
    assert root.tag == "quiz" and len(categories) == len(BANKS)
    assert len(categories) + len(questions) == len(root)
    assert len(questions) == sum(len(read_bank(path)) for path in BANKS)
    assert root[0] is categories[0]
    for category in categories:
        assert category.findtext("category/text").startswith("$course$/top/")
    for question in questions:
        fractions = [answer.get("fraction") for answer in question.iter("answer")]
        assert sorted(fractions) == [*["0"] * (len(fractions) - 1), "100"]
        assert "Taught in" in question.findtext("generalfeedback/text")
        for answer in question.iter("answer"):
            assert len(answer.findtext("feedback/text")) > len("<p></p>")
        assert (question.findtext("single"), question.findtext("hidden")) == (
            "true",
            "0",
        )
        for element in question.iterfind(".//*[@format='html']"):
            html = ET.fromstring(f"<div>{element.findtext('text')}</div>")
            for code in html.iter("code"):
                code.text = ""
            assert "$" not in "".join(html.itertext())
    assert len({q.findtext("idnumber") for q in questions}) == len(questions)


def test_the_moodle_file_writes_code_and_formulas_as_moodle_shows_them(tmp_path):
    path = tmp_path / "good.md"
    path.write_text(CHAPTER.replace("# Good", "# Good/better", 1))
    quiz = make_quiz([(path, read_text(GOOD, tmp_path))], "Course")
    assert quiz[0].findtext("category/text") == "$course$/top/Course/01 Good//better"
    assert "<small>Good/better</small>" in quiz[1].findtext("questiontext/text")
    assert r">\(1 &lt; 2\)</span>?</p>" in quiz[1].findtext("questiontext/text")
    right = quiz[1].find("answer[@fraction='100']")
    assert right.findtext("text") == "<p>It is <code>True</code>.</p>"
    assert right.findtext("feedback/text") == "<p>So <em>Python</em> says.</p>"
    assert quiz[1].findtext("generalfeedback/text") == (
        "<p>Taught in <em>Good/better</em>: A part</p>"
    )
