"""Read the question bank, and say what is wrong with a file of it. No Sphinx in it.

`teaching/questions/README.md` describes the format; `self_check.py` shows a bank in its
chapter, `plain_markdown.py` in a notebook, and `moodle.py` hands all of them on.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from mdit_py_plugins.dollarmath import dollarmath_plugin

ROOT = Path(__file__).parents[1]
KEYS = {"name", "question", "taught", "choices", "check"}
CHOICE_KEYS = {"text", "right", "why"}
FEWEST, MOST = 3, 5  # choices
LETTERS = "ABCDE"
ROLE = re.compile(r"\{[\w:-]+\}$")  # before code
HEADING = re.compile(r"^#+ (.+)$")
EXERCISE = re.compile(r"^`{3,}\{exercise(?:-start)?\} (.+)$")
LABEL = re.compile(
    r"^\((?P<section>[\w-]+)\)=$"
    r"|:(?:label|name): (?P<directive>[\w-]+)$"
    r"|^\$\$ \((?P<equation>[\w-]+)\)$"
    r"|\bname: (?P<figure>(?:fig|tab)-[\w-]+)"
)
INLINE = MarkdownIt("commonmark").use(  # reads as MyST does; writes for MathJax
    dollarmath_plugin, renderer=lambda formula, _: rf"\({escapeHtml(formula)}\)"
)


class QuestionError(ValueError):
    """What is wrong with a bank: which file, which question, what to do."""


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen, and why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question; its choices stand in the order in which a page shows them."""

    name: str
    text: str
    taught: str  # the label of the place that teaches it
    choices: tuple[Choice, ...]
    check: str = ""  # a Python expression that must be true

    @property
    def right(self) -> int:
        """Which choice is right, counted from 0."""
        return [choice.right for choice in self.choices].index(True)


def find_bank(chapter: str, *, root: Path = ROOT) -> Path:
    """Name the file of a chapter's questions, given the chapter's name."""
    return root / "teaching" / "questions" / f"{chapter}.yml"


def read_bank(path: Path) -> list[Question]:
    """Read the questions of a chapter.

    Parameters
    ----------
    path : path

    Returns
    -------
    list of Question

    Raises
    ------
    QuestionError : the file is missing, is no YAML, or does not keep to the format.
    """
    try:
        # As text only: 0.10 keeps its zero, and "no" is a word.
        entries = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    except FileNotFoundError:
        raise QuestionError(
            f"{path} is missing: write it, or take {{self-check}} out of the chapter."
        ) from None
    except yaml.YAMLError as error:
        raise QuestionError(f"{path} is no YAML: {error}") from None
    if not isinstance(entries, list) or not entries:
        raise QuestionError(f"{path} holds no list of questions.")
    questions = []
    for number, entry in enumerate(entries, 1):
        where = f"{path}, question {number}"
        questions.append(_make_question(entry, where))
        names = [question.name for question in questions]
        if names.count(names[-1]) > 1:
            raise QuestionError(f"{where}: the name {names[-1]!r} is taken: change it.")
    return questions


def _make_question(entry, where: str) -> Question:
    _check_keys(entry, KEYS, {"check"}, where)
    name = _read_text(entry, "name", where)
    where = f"{where} ({name})"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise QuestionError(f"{where}: a name has small letters, digits and hyphens.")
    choices, entries = [], entry["choices"]
    if not isinstance(entries, list) or not FEWEST <= len(entries) <= MOST:
        raise QuestionError(f"{where}: `choices` wants a list of {FEWEST} to {MOST}.")
    for number, each in enumerate(entries, 1):
        choices.append(_make_choice(each, f"{where}, choice {number}"))
    for what in ("text", "why"):
        texts = [getattr(choice, what) for choice in choices]
        if len(set(texts)) < len(texts):
            raise QuestionError(f"{where}: two choices have the same `{what}`.")
    count = sum(choice.right for choice in choices)
    if count != 1:
        raise QuestionError(f"{where}: {count} choices have `right: true`, not one.")
    return Question(
        name,
        _read_text(entry, "question", where),
        _read_text(entry, "taught", where),
        tuple(_shuffle(choices, name)),
        entry.get("check", ""),
    )


def _make_choice(entry, where: str) -> Choice:
    _check_keys(entry, CHOICE_KEYS, {"right"}, where)
    if entry.get("right", "true") != "true":
        raise QuestionError(
            f"{where}: `right` is {entry['right']!r}; write `right: true`, or nothing."
        )
    text, why = (_read_text(entry, key, where) for key in ("text", "why"))
    return Choice(text, why, "right" in entry)


def _check_keys(entry, allowed: set[str], optional: set[str], where: str) -> None:
    if not isinstance(entry, dict):
        raise QuestionError(f"{where}: {entry!r} is not of the form `key: value`.")
    if unknown := sorted(set(entry) - allowed):
        raise QuestionError(
            f"{where}: `{unknown[0]}` is not known; there are {sorted(allowed)}."
        )
    if missing := sorted(allowed - optional - set(entry)):
        raise QuestionError(f"{where}: `{missing[0]}` is missing.")


def _read_text(entry: dict, key: str, where: str) -> str:
    """Read a text on one line, and refuse what not every reader of it can show."""
    text = entry[key]
    if not isinstance(text, str) or not text.strip():
        raise QuestionError(f"{where}: `{key}` is no text.")
    text = re.sub(r"\s*\n\s*", " ", text.strip())
    before = ""
    for token in INLINE.parseInline(text)[0].children or []:
        if token.type == "code_inline" and (role := ROLE.search(before)):
            raise QuestionError(
                f"{where}: `{key}` holds the role {role[0]}: remove it."
            )
        if token.type in ("html_inline", "image", "link_open"):
            raise QuestionError(
                f"{where}: `{key}` holds {token.content or token.type!r}; there may be"
                " `code`, *italic*, **bold** and $formulas$ in it."
            )
        before = token.content
    return text


def _shuffle(choices: list[Choice], name: str) -> list[Choice]:
    """Order choices by a hash, so that every build has the same order."""
    order = [
        hashlib.sha256(f"{name} {number}".encode()).digest()
        for number in range(len(choices))
    ]
    return [choice for _, choice in sorted(zip(order, choices, strict=True))]


def name_reason(choice: Choice, letter: str) -> str:
    """Say whether a choice is right, before its reason."""
    return f"{letter} is {'right' if choice.right else 'not right'}."


def find_section(chapter: str, label: str) -> str:
    """Find the title of the section that a label leads to.

    Parameters
    ----------
    chapter : str
        The chapter's text.
    label : str
        Before the heading, or of a figure, an equation or an exercise in the section.

    Returns
    -------
    str, as Markdown

    Raises
    ------
    QuestionError : the chapter has no such label, or it is not before its heading.
    """
    title, in_code, waiting = "", False, False
    for line in chapter.splitlines():
        in_code = in_code != line.startswith("```")
        heading = None if in_code else HEADING.match(line)
        if waiting and line and not LABEL.match(line):
            if not heading:
                raise QuestionError(f"No heading follows ({label})=, but: {line}")
            return heading[1]
        title = heading[1] if heading else title
        if exercise := EXERCISE.match(line):
            title = f"the exercise *{exercise[1]}*"
        match = LABEL.search(line)
        if match and match["section"] == label:
            waiting = True
        elif match and label in match.groups():
            return title
    raise QuestionError(f"The chapter has no label {label!r}: correct `taught`.")


def write_markdown(questions: list[Question], chapter: str) -> str:
    """Write questions as Markdown whose answers are folded, for a notebook.

    Parameters
    ----------
    questions : list of Question
    chapter : str
        The chapter's text, which has the sections that teach them.
    """
    blocks = []
    for number, question in enumerate(questions, 1):
        lettered = list(zip(LETTERS, question.choices, strict=False))
        blocks += [f"**Question {number}.** {question.text}", ""]
        blocks += [f"- **{letter}.** {choice.text}" for letter, choice in lettered]
        blocks += ["", "<details><summary>Answer and reasons</summary>", ""]
        blocks += [f"- **{name_reason(c, letter)}** {c.why}" for letter, c in lettered]
        section = find_section(chapter, question.taught)
        blocks += ["", f"Taught in: {section}", "", "</details>", ""]
    return "\n".join(blocks).strip()
