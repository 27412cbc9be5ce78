"""The Training room in a browser: it learns from a file, and says what goes wrong."""

import interactive  # of _sphinx/
import pytest
from browser import (
    FIND_OVERFLOW,
    draw,
    list_violations,
    read_numbers,
    settle,
    write_digit,
)
from rooms import (
    SECONDS,
    SMALL,
    press,
    read_runs,
    read_state,
    run_to_the_end,
    start,
    wait_for,
    wait_for_end,
)

from lenet_helpers.interactive import TrainingRoom

pytestmark = pytest.mark.browser

UPDATES = 48_000  # LeNet-1 then reads 95 %; ten seconds of an idle core


def test_a_network_learns_in_a_page_on_a_disk(enter):
    page = enter(**SMALL)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(300)
    assert asked == []
    assert "Start fetches 4,000 digits" in page.locator(".lenet-state").inner_text()
    assert not page.locator(".lenet-inside").is_visible()
    run_to_the_end(page)
    assert [url.split("/")[-1] for url in asked if "digits" in url] == ["digits.js"]
    right, learnt = read_state(page)
    assert right > 60 and learnt == 1000
    assert page.locator("svg path.lenet-now").count() == 2
    assert page.locator("svg path.lenet-training").count() == 2
    assert page.locator(".lenet-first canvas").count() == 30
    missed = read_numbers(page.locator(".lenet-inside").inner_text().split("Misses")[1])
    assert missed[:2] == [round(10 * (100 - right)), 1000]
    assert page.locator(".lenet-missed button").count() == 30


def test_lenet1_reads_95_per_cent_after_48000_updates(show, mnist, tmp_path):
    interactive.write_digits(tmp_path / "digits.js", mnist)
    page = show(TrainingRoom(mnist).to_html())
    page.set_default_timeout(5000 * SECONDS)
    run_to_the_end(page)
    right, learnt = read_state(page)
    assert learnt == UPDATES
    assert right >= 95


def test_a_run_pauses_goes_on_and_starts_over(enter):
    page = enter(**SMALL | {"network": "lenet5", "loss": "equation-9", "rate": 1e-4})
    start(page)
    wait_for(page, "digits per second")
    start(page)
    page.get_by_role("button", name="Go on").wait_for()
    _, before = read_state(page)
    page.wait_for_timeout(300)
    assert read_state(page)[1] == before < 1000
    page.locator("summary").click()
    press(page, "One digit")
    wait_for(page, f"{before + 1:,.0f} digits learnt from")
    press(page, "One pass")
    wait_for(page, "500 digits learnt from" if before < 500 else "1,000 digits")
    press(page, "Start over")
    wait_for(page, "has learnt from none yet")
    assert len(read_runs(page)) == 2


def test_runs_stand_beside_each_other(enter):
    page = enter(**SMALL)
    run_to_the_end(page)
    page.locator("summary").click()
    page.get_by_label("seed").fill("7")
    page.keyboard.press("Tab")
    run_to_the_end(page)
    one, other = read_runs(page)
    assert one.split()[0] == "1" and "seed" not in one
    assert other.split()[0] == "2" and "seed 7" in other
    assert page.locator("svg path.lenet-earlier").count() == 2
    press(page, "Forget earlier runs")
    (left,) = read_runs(page)
    assert left.split()[0] == "2"


def test_the_runs_of_a_preset_follow_each_other(enter):
    page = enter("no squash", digits=200, passes=1)
    assert page.get_by_label("Try").input_value() == ""  # the reader's own settings
    page.get_by_label("Try").select_option("dead start")
    start(page)
    page.locator(".lenet-runs tbody tr").nth(1).wait_for()
    wait_for_end(page)
    dead, cured = (read_numbers(run) for run in read_runs(page))
    assert dead[-1] > 80 and cured[-1] < 40


def test_a_rate_that_diverges_stops_with_a_sentence(enter):
    page = enter(**SMALL, squash="none", loss="squared")
    page.locator("summary").click()
    page.get_by_label("rate", exact=True).fill("5")
    page.keyboard.press("Tab")
    start(page)
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert "is no longer a number" in fault.inner_text()
    assert "smaller rate" in fault.inner_text()
    assert "diverged" in read_runs(page)[0]
    page.get_by_label("rate", exact=True).fill("0.01")
    page.keyboard.press("Tab")
    run_to_the_end(page)
    assert not fault.is_visible()
    assert read_state(page)[0] > 50


def test_a_number_that_cannot_be_gives_way_to_the_one_before(enter):
    page = enter(**SMALL)
    page.locator("summary").click()
    for label, wrong in (("rate", "0"), ("passes", "1.5"), ("training digits", "9999")):
        field = page.get_by_label(label, exact=True)
        before = field.input_value()
        field.fill(wrong)
        page.keyboard.press("Tab")
        assert field.input_value() == before


def test_a_loss_goes_with_its_network(enter):
    page = enter(**SMALL)
    page.locator("summary").click()
    loss = page.get_by_role("combobox", name="loss", exact=True)
    loss.select_option("squared")
    for network, expected in (("lenet5", "squared"), ("lenet1", "squared")):
        page.get_by_role("combobox", name="network", exact=True).select_option(network)
        settle(page)
        assert loss.input_value() == expected
    loss.select_option("cross-entropy")
    page.get_by_role("combobox", name="network", exact=True).select_option("lenet5")
    settle(page)
    assert loss.input_value() == "equation-9"
    assert loss.locator("option[value='cross-entropy']").is_disabled()


def test_the_network_reads_what_the_reader_draws(enter):
    page = enter(digits=4000, passes=1)
    run_to_the_end(page)
    answer = page.locator(".lenet-answer")
    for digit in (0, 1, 3):
        draw(page, write_digit(digit))
        page.wait_for_timeout(500)
        assert answer.inner_text() == str(digit)
        press(page, "Clear")
    page.locator(".lenet-missed button").first.click()
    page.get_by_text("is what it reads, but it is a").wait_for()
    page.get_by_role("radio", name="a 1").check()
    page.get_by_text("is what it reads, and it is right").wait_for()


def test_a_tab_in_the_background_loses_nothing(enter):
    page = enter(**SMALL)
    start(page)
    page.locator(".lenet-inside").wait_for()
    page.evaluate(  # as a browser does: no frame is painted
        """() => {
          window.held = [];
          window.paint = window.requestAnimationFrame;
          window.requestAnimationFrame = (run) => window.held.push(run);
        }"""
    )
    page.wait_for_timeout(3000)
    page.evaluate(
        """() => {
          window.requestAnimationFrame = window.paint;
          for (const run of window.held) run();
        }"""
    )
    wait_for(page, "1,000 digits learnt from")
    wait_for_end(page)


def test_keys_alone_train_a_network(enter):
    page = enter(**SMALL)
    page.get_by_label("Try").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for_end(page)
    assert read_state(page)[1] == 1000
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "One digit"


@pytest.mark.parametrize(("width", "scheme"), [(1000, "dark"), (360, "light")])
def test_the_room_is_accessible_and_fits(enter, width, scheme):
    page = enter(**SMALL, width=width, scheme=scheme)
    assert page.evaluate(FIND_OVERFLOW) == []
    assert list_violations(page) == []
    run_to_the_end(page)
    page.locator("summary").click()
    settle(page)
    assert page.evaluate(FIND_OVERFLOW) == []
    assert list_violations(page) == []


def test_a_finger_trains_and_draws(show, sample, tmp_path):
    interactive.write_digits(tmp_path / "digits.js", sample)
    room = TrainingRoom(sample, **SMALL)
    page = show(room.to_html(), width=360, has_touch=True, is_mobile=True)
    page.set_default_timeout(1000 * SECONDS)
    page.locator(".lenet-start").tap()
    wait_for_end(page)
    page.locator(".lenet-field").tap()
    page.get_by_text("is what it reads in your drawing").wait_for()
