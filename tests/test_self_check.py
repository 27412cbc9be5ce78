"""The directive {self-check} in a small book, by the builders of several forms."""

import io
import re

import pytest
from browser import parse
from sphinx.testing.util import SphinxTestApp

BANK = """\
- name: good-one
  question: What is $1 < 2$?
  taught: sec-good-part
  choices:
    - {text: It is `True`., right: true, why: So *Python* says.}
    - {text: It is 0., why: Not a number.}
    - {text: It is 1., why: Not this number.}
- name: good-two
  question: Which of them?
  taught: sec-good-part
  choices:
    - {text: The first., why: Not that.}
    - {text: The second., right: true, why: That one.}
    - {text: The third., why: Nor that.}
"""
PAGE = """\
# Good
(sec-good-part)=
## A part
## Check yourself
```{self-check}
```
"""


@pytest.fixture
def build(tmp_path):
    """Build a book of one page; returns its folder and the warnings."""
    (tmp_path / "conf.py").write_text(
        'extensions = ["myst_parser", "self_check"]\nroot_doc = "good"\n'
        'myst_enable_extensions = ["dollarmath"]\n'
    )
    (tmp_path / "good.md").write_text(PAGE)
    (tmp_path / "teaching" / "questions").mkdir(parents=True)

    def build_with(builder, bank=BANK):
        if bank:
            (tmp_path / "teaching" / "questions" / "good.yml").write_text(bank)
        warnings = io.StringIO()
        app = SphinxTestApp(builder, tmp_path, warning=warnings, freshenv=True)
        app.build()
        app.cleanup()
        return app.outdir, warnings.getvalue()

    return build_with


def test_a_page_has_a_group_of_radio_buttons_for_each_question(build):
    folder, warnings = build("html")
    assert warnings == ""
    soup = parse(folder / "good.html")
    first, second = soup.select("fieldset.lenet-question")
    assert first.legend.text == r"1. What is \(1 < 2\)?"
    assert [radio["name"] for radio in first.find_all("input")] == ["good-one"] * 3
    assert [radio["name"] for radio in second.find_all("input")] == ["good-two"] * 3
    labels = [label.text for label in first.find_all("label")]
    assert sorted(text[1:] for text in labels) == [
        "It is 0.",
        "It is 1.",
        "It is True.",
    ]
    assert "".join(text[0] for text in labels) == "ABC"
    assert first.code.text == "True"
    (right,) = first.select("li[data-right]")
    letter = next(text[0] for text in labels if "True" in text)
    assert right.text == f"{letter} is right. So Python says."
    assert first.select_one(".lenet-taught a")["href"] == "#sec-good-part"
    assert first.select_one(".lenet-taught").text == "Taught in: A part"
    assert "questions.js" in str(soup.head) and "questions.css" in str(soup.head)


@pytest.mark.parametrize("builder", ["text", "singlehtml", "latex", "epub"])
def test_elsewhere_all_answers_come_behind_the_last_question(build, builder):
    folder, warnings = build(builder)
    assert "good.md" not in warnings  # epub asks for data of the book
    name = {"text": "good.txt", "latex": "*.tex", "epub": "good.xhtml"}
    (path,) = folder.glob(name.get(builder, "good.html"))
    text = path.read_text(encoding="utf-8")
    if builder in ("singlehtml", "epub"):
        assert not re.search("<(input|fieldset|details)", text)
        text = parse(path).text
    answers = text.rindex("Answers")
    assert text.index("Which of them?") < answers
    assert text.index("The third.") < answers
    assert text.count("is right.") == text[answers:].count("is right.") == 2
    assert text.count("is not right.") == text[answers:].count("is not right.") == 4
    assert text[answers:].count("Taught in: ") == 2


def test_a_fault_of_a_bank_is_a_warning_that_names_the_page(build):
    _, warnings = build("html", BANK.replace("right: true", "rigth: true"))
    assert "good.md:5" in warnings
    assert "`rigth` is not known" in warnings


def test_a_bank_that_is_missing_is_a_warning(build):
    _, warnings = build("html", bank="")
    assert "good.yml is missing: write it" in warnings
