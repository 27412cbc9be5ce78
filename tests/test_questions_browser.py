"""A chapter's questions in the built book, answered as a reader would."""

import pytest
from browser import AXE, FIND_OVERFLOW, HTML
from questions import find_bank, read_bank

pytestmark = pytest.mark.browser
BANK = read_bank(find_bank("convolution"))
PAGE = "chapters/convolution.html"
FOCUSED = "document.activeElement"


def choose(page, number, choice):
    """Choose and check an answer of a question by the keyboard alone."""
    question = page.locator(".lenet-question").nth(number)
    count = len(BANK[number].choices)
    chosen = question.locator(":checked")
    now = int(chosen.get_attribute("value")) if chosen.count() else 0
    place = chosen if chosen.count() else question.locator("input").first
    place.focus()
    page.keyboard.press("Space")
    for _ in range((choice - now) % count):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.textContent") == "Check"
    page.keyboard.press("Enter")
    return question


def read_progress(page):
    return page.locator(".lenet-progress").inner_text()


def find_wrong(question):
    return (question.right + 1) % len(question.choices)


@pytest.mark.parametrize("by_server", [True, False])
def test_questions_answer_to_the_keyboard_alone(visit, address, by_server):
    home = address if by_server else HTML.as_uri()
    one = visit(f"{home}/{PAGE}", home=home)
    page = one.page
    assert (
        read_progress(page) == f"0 of {len(BANK)} right at the first try (0 answered)"
    )
    assert page.locator(".lenet-question").count() == len(BANK)
    assert page.locator(".lenet-question details:visible").count() == 0

    question = choose(page, 0, find_wrong(BANK[0]))
    verdict = question.get_by_role("status")
    assert "is not right." in verdict.inner_text()
    assert BANK[0].choices[find_wrong(BANK[0])].why in verdict.inner_text()
    assert BANK[0].choices[BANK[0].right].why not in verdict.inner_text()
    assert "Try another answer." in verdict.inner_text()
    choose(page, 0, BANK[0].right)
    assert "is right." in verdict.inner_text()
    assert BANK[0].choices[BANK[0].right].why in verdict.inner_text()
    assert "(1 answered)" in read_progress(page)
    assert read_progress(page).startswith("0 of")  # not at the first try

    link = verdict.get_by_role("link")
    assert link.inner_text() == "One patch, one number"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.textContent") == link.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the fold with the other reasons
    reasons = question.locator("details li")
    assert reasons.count() == len(BANK[0].choices)
    assert all(reason.is_visible() for reason in reasons.all())

    choose(page, 1, BANK[1].right)
    assert read_progress(page).startswith("1 of")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")  # another choice: the old verdict goes
    assert page.locator(".lenet-verdict").nth(1).inner_text() == ""
    assert one.faults == []


def test_a_check_without_a_choice_asks_for_one(visit, address):
    page = visit(f"{address}/{PAGE}", home=address).page
    question = page.locator(".lenet-question").first
    question.get_by_role("button", name="Check").click()
    verdict = question.get_by_role("status")
    assert verdict.inner_text() == "Choose an answer first."
    assert "(0 answered)" in read_progress(page)


def test_every_question_can_be_answered(visit, address):
    page = visit(f"{address}/{PAGE}", home=address).page
    for number, question in enumerate(BANK):
        box = page.locator(".lenet-question").nth(number)
        box.locator("label").nth(question.right).click()
        box.get_by_role("button", name="Check").click()
        assert "is right." in box.get_by_role("status").inner_text()
    count = len(BANK)
    progress = f"{count} of {count} right at the first try ({count} answered)"
    assert read_progress(page) == progress


def test_without_scripts_questions_are_there_with_folded_answers(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{PAGE}")
    questions = page.locator(".lenet-question")
    assert questions.count() == len(BANK)
    assert questions.get_by_role("button").count() == 0
    for box, question in zip(questions.all(), BANK, strict=True):
        assert box.locator("input").count() == len(question.choices)
        assert box.locator("li:visible").count() == 0
        box.locator("summary").click()
        right = box.locator("li[data-right]")
        assert right.is_visible()
        assert right.inner_text().startswith("ABCDE"[question.right])
        assert box.locator("li:visible").count() == len(question.choices)
        assert box.locator(".lenet-taught a").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_questions_have_no_violation_and_fit(visit, address, width, scheme):
    one = visit(f"{address}/{PAGE}", home=address, width=width, scheme=scheme)
    page = one.page
    wrong = choose(page, 0, find_wrong(BANK[0]))
    right = choose(page, 1, BANK[1].right)
    right.locator("summary").click()
    assert page.evaluate(FIND_OVERFLOW) == []
    assert one.faults == []
    page.evaluate(AXE)  # fetches style sheets of its own
    found = page.evaluate("axe.run('.lenet-self-check')")  # test_browser: the page
    assert [fault["id"] for fault in found["violations"]] == []
    assert found["passes"]
    for question in (wrong, right):
        paragraph = question.locator(".lenet-verdict p").first
        mark = paragraph.evaluate("e => getComputedStyle(e, '::before').content")
        assert mark.strip('" ') in ("✓", "✗")  # not by colour alone
