"""The descent of one weight: in Python, under Node, and in a browser."""

import json
import random
from pathlib import Path

import pytest
import torch
import traitlets
from browser import read_numbers
from programs import run_web_tests

from lenet_helpers.interactive import Descent
from lenet_helpers.interactive.descent import (
    LIMIT,
    MINIMUM,
    START,
    compute_loss,
    compute_slope,
    take_steps,
)

TESTS = Path(__file__).parent


def test_the_slope_is_the_derivative_of_half_the_mean_squared_error():
    inputs, targets = torch.tensor([[1.0, 2.0], [2.0, 3.0]]).double()
    for start in (-3.0, 0.0, 0.925, MINIMUM, 40.0):
        weight = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        loss = ((weight * inputs - targets) ** 2).mean() / 2
        loss.backward()
        assert compute_loss(start) == pytest.approx(loss.item())
        slope = weight.grad.item()
        assert compute_slope(start) == pytest.approx(slope, abs=1e-12)
    assert compute_slope(MINIMUM) == 0


def test_three_steps_at_rate_0_1_are_those_done_by_hand():
    assert take_steps([START], 0.1, 3) == pytest.approx([0, 0.4, 0.7, 0.925])


def test_a_descent_begins_at_0_and_knows_weight_and_steps():
    figure = Descent(rate=0.4)
    assert (figure.rate, figure.weight, figure.num_steps) == (0.4, 0, 0)
    figure.history = take_steps(figure.history, figure.rate, 2)
    assert figure.weight == pytest.approx(MINIMUM) and figure.num_steps == 2
    assert Descent().history == [START]


@pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"rate": 1.5}, {"history": []}])
def test_a_rate_off_the_slider_or_no_weight_is_refused(wrong):
    with pytest.raises(traitlets.TraitError, match=next(iter(wrong))):
        Descent(**wrong)


def list_runs():
    generator = random.Random(0)
    rates = [0.02, 0.1, 0.4, 0.7, 0.8, 0.9, 1.0]
    rates += [generator.uniform(0.02, 1) for _ in range(60)]
    for rate in rates:
        start, count = generator.uniform(-5, 5), generator.randrange(60)
        weights = take_steps([start], rate, count)
        yield {
            "weights": weights,
            "losses": [compute_loss(weight) for weight in weights],
            "slopes": [compute_slope(weight) for weight in weights],
            **{"rate": rate, "start": start, "count": count},
        }


def test_the_engine_takes_the_steps_of_python(tmp_path):
    constants = {"START": START, "MINIMUM": MINIMUM, "LIMIT": LIMIT}
    path = tmp_path / "fixtures.json"
    path.write_text(json.dumps({"constants": constants, "runs": list(list_runs())}))
    run_web_tests("descent", fixtures=path)


# In a browser


def read_state(page):
    """Read step, weight, loss and slope; all numbers of the next step."""
    now, following = page.locator(".lenet-reading p").all_inner_texts()
    return read_numbers(now), read_numbers(following)


def assert_shows(page, weights, rate):
    now, following = read_state(page)
    weight = weights[-1]
    slope, last = compute_slope(weight), take_steps([weight], rate, 1)[-1]
    wanted = [len(weights) - 1, weight, compute_loss(weight), slope]
    assert now == pytest.approx(wanted, abs=0.00051, rel=0.001)
    # `read_numbers` takes the sign of "w − 0.1" for one of the rate.
    assert [abs(number) for number in following] == pytest.approx(
        [rate, abs(slope), abs(last)], abs=0.00051, rel=0.001
    )


def press(page, name, times=1):
    for _ in range(times):
        page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.browser
@pytest.mark.parametrize(("rate", "preset"), [(0.1, "small"), (0.7, "0.7 large")])
def test_each_step_prints_what_python_computes(show, rate, preset):
    page = show(Descent(rate=0.4).to_html())
    page.get_by_label(preset).check()
    for num_steps in range(4):
        assert_shows(page, take_steps([START], rate, num_steps), rate)
        press(page, "Step")
    press(page, "Ten steps")
    assert_shows(page, take_steps([START], rate, 14), rate)
    press(page, "Undo")
    assert_shows(page, take_steps([START], rate, 4), rate)
    press(page, "Start again")
    assert_shows(page, [START], rate)
    press(page, "Undo", times=5)
    assert_shows(page, [START], rate)
    assert page.get_by_role("button", name="Undo").is_disabled()


@pytest.mark.browser
def test_the_line_of_numbers_is_the_one_of_the_text(show):
    figure = Descent(rate=0.1)
    figure.history = take_steps([START], 0.1, 3)
    page = show(figure.to_html())
    assert page.locator(".lenet-reading p").all_inner_texts() == [
        "step 3: w = 0.925, loss 0.620, slope −1.688",
        "next: w − 0.1 × (−1.688) = 1.094",
    ]


@pytest.mark.browser
def test_the_descent_works_by_keyboard(show):
    page = show(Descent(rate=0.1).to_html())
    page.keyboard.press("Tab")  # the presets
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("0.4 right").is_checked()
    page.keyboard.press("Tab")  # the slider
    page.keyboard.press("ArrowRight")
    assert_shows(page, [START], 0.42)
    assert page.get_by_role("radio", checked=True).count() == 0
    page.keyboard.press("End")
    assert_shows(page, [START], 1.0)
    page.keyboard.press("Home")
    assert_shows(page, [START], 0.02)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    weights = take_steps([START], 0.02, 11)
    assert_shows(page, weights, 0.02)
    page.wait_for_function(
        "document.querySelector('[role=status]').textContent.startsWith('step 11: w')"
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Undo
    assert_shows(page, take_steps([START], 0.02, 1), 0.02)


@pytest.mark.browser
def test_a_rate_too_large_stops_with_a_sentence_that_says_why(show):
    page = show(Descent(rate=0.9).to_html(), width=360, has_touch=True)
    for _ in range(3):
        page.get_by_role("button", name="Ten steps").tap()
    assert page.get_by_role("button", name="Step", exact=True).is_disabled()
    assert page.get_by_role("button", name="Ten steps").is_disabled()
    weights = take_steps([START], 0.9, 100)
    (num_steps, weight, *_), following = read_state(page)
    assert num_steps == len(weights) - 1 and abs(weight) > LIMIT and following == []
    verdict = page.locator(".lenet-verdict")
    assert verdict.inner_text().startswith("Stopped: w is beyond 1,000 or −1,000. ")
    assert verdict.inner_text().endswith(
        "1 − 0.9 × 2.5 = −1.25: it overshoots the minimum by more than it was away."
    )
    page.get_by_label("0.1 small").check()
    assert verdict.inner_text().endswith("Start again to try the rate 0.1.")
    page.get_by_role("button", name="Start again").tap()
    assert_shows(page, [START], 0.1)
    page.get_by_role("button", name="Undo").tap()
    assert verdict.inner_text().startswith("Stopped")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("rate", "end"),
    [
        (0.1, "= 0.75: it comes closer to the minimum."),
        (0.4, "the weight is at the minimum, and stays."),
        (0.6, "= −0.5: it overshoots the minimum, and ends closer to it."),
        (0.8, "= −1: it overshoots the minimum by as much as it was away."),
        (0.86, "= −1.15: it overshoots the minimum by more than it was away."),
    ],
)
def test_a_sentence_says_what_steps_at_the_rate_do(show, rate, end):
    page = show(Descent(rate=rate).to_html())
    verdict = page.locator(".lenet-verdict")
    assert verdict.inner_text() == "Choose a rate, then step."
    press(page, "Step")
    assert verdict.inner_text().endswith(end)


@pytest.mark.browser
def test_the_pictures_show_the_weight_its_step_and_the_losses(show):
    page = show(Descent(rate=0.9).to_html())
    bowl, losses = page.locator(".lenet-descent .lenet-desk > * svg:has(text)").all()
    for num_steps in range(6):
        assert bowl.locator(".lenet-now").count() == 1
        assert losses.locator("circle").count() == num_steps + 1
        weight, following = (
            float(bowl.locator(f".lenet-{name}").get_attribute("cx"))
            for name in ("now", "next")
        )
        before, after = take_steps([START], 0.9, num_steps + 1)[-2:]
        least = float(bowl.locator(".lenet-least").get_attribute("x1"))
        ratio = (following - least) / (weight - least)
        assert ratio == pytest.approx((after - MINIMUM) / (before - MINIMUM))
        assert min(weight, following) >= 34 and max(weight, following) <= 328
        press(page, "Step")
