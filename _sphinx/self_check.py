"""Show a chapter's questions: the directive `{self-check}`, which has no argument.

A page of HTML has a group of radio buttons for each question, which `questions.js`
answers; without scripts the answers are in a fold. Elsewhere the questions are lists,
and all answers with their reasons come behind the last question.
"""

import html
from pathlib import Path

from docutils import nodes
from questions import LETTERS, QuestionError, find_bank, name_reason, read_bank
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

ROLES = {"eq": "Equation {eq}", "fig": "{numref}", "tab": "{numref}"}  # else {ref}
PAGES = ("html", "dirhtml")  # the builders whose pages have scripts


class self_check(nodes.General, nodes.Element):
    """The questions of a chapter, each a container; see `SelfCheck`."""


class SelfCheck(SphinxDirective):
    """Read the chapter's bank.

    Each question becomes a container of paragraphs: the question, the place that
    teaches it, then text and reason of each choice in turn.
    """

    def run(self):
        """Return a `self_check`; a fault of the bank is an error of the page."""
        path = find_bank(Path(self.env.docname).name, root=Path(self.env.srcdir))
        self.env.note_dependency(str(path))
        try:
            questions = read_bank(path)
        except QuestionError as error:
            raise self.error(str(error)) from None
        holder = self_check()
        for question in questions:
            role = ROLES.get(question.taught.partition("-")[0], "{ref}")
            box = nodes.container(name=question.name, right=question.right)
            box += self._parse(question.text)
            box += self._parse(f"{role}`{question.taught}`")
            for choice, letter in zip(question.choices, LETTERS, strict=False):
                box += self._parse(choice.text)
                box += self._parse(f"**{name_reason(choice, letter)}** {choice.why}")
            holder += box
        self.set_source_info(holder)
        return [holder]

    def _parse(self, text):
        inline, messages = self.state.inline_text(text, self.lineno)
        return nodes.paragraph("", "", *inline, *messages)


class WriteQuestions(SphinxPostTransform):
    """Turn questions into what the builder can show."""

    default_priority = 500  # after references

    def run(self, **options):
        """Replace each `self_check`."""
        write = write_forms if self.app.builder.name in PAGES else write_lists
        for holder in list(self.document.findall(self_check)):
            holder.replace_self(write(holder.children))


def take_apart(box):
    """Return a question, its place, the texts of its choices, and their reasons."""
    text, place, *choices = box.children
    return text, place, choices[::2], choices[1::2]


def write_forms(boxes):
    """Write questions as groups of radio buttons, the answers folded."""
    page = nodes.container(classes=["lenet-self-check"])
    for number, box in enumerate(boxes, 1):
        text, place, choices, reasons = take_apart(box)
        name = html.escape(box["name"])
        page += _raw(f'<fieldset class="lenet-question" id="question-{name}">')
        page += [_raw(f"<legend><b>{number}.</b> "), _span(text), _raw("</legend>")]
        for i, choice in enumerate(choices):
            page += _raw(
                f'<label><input type="radio" name="{name}" value="{i}">'
                f"<b>{LETTERS[i]}</b>"
            )
            page += [_span(choice), _raw("</label>")]
        page += _raw("<details><summary>Answer and reasons</summary><ul>")
        for i, reason in enumerate(reasons):
            right = " data-right" if i == box["right"] else ""
            page += [_raw(f"<li{right}>"), _span(reason), _raw("</li>")]
        page += _raw('</ul><p class="lenet-taught">Taught in: ')
        page += [_span(place), _raw("</p></details></fieldset>")]
    return page


def write_lists(boxes):
    """Write questions as lists with letters, and the answers behind the last."""
    questions, answers = nodes.enumerated_list(), nodes.enumerated_list()
    for each in (questions, answers):
        each.update_basic_atts({"classes": ["lenet-self-check"]})
        each["enumtype"], each["prefix"], each["suffix"] = "arabic", "", "."
    for box in boxes:
        text, place, choices, reasons = take_apart(box)
        lettered = nodes.line_block()  # no list, whose letters not every builder has
        for choice, letter in zip(choices, LETTERS, strict=False):
            mark = nodes.strong("", f"{letter}.")
            lettered += nodes.line("", "", mark, nodes.Text(" "), *choice.children)
        questions += nodes.list_item("", text, lettered)
        reasons.insert(0, reasons.pop(box["right"]))
        place.insert(0, nodes.Text("Taught in: "))
        told = nodes.bullet_list("", *[nodes.list_item("", why) for why in reasons])
        answers += nodes.list_item("", told, place)
    heading = nodes.rubric("", "Answers")
    return [questions, heading, answers]


def _raw(text):
    return nodes.raw("", text, format="html")


def _span(paragraph):
    return nodes.inline("", "", *paragraph.children)


def setup(app):
    """Register with Sphinx."""
    app.add_node(self_check)
    app.add_directive("self-check", SelfCheck)
    app.add_post_transform(WriteQuestions)
    app.add_css_file("questions.css")
    app.add_js_file("questions.js")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
