"""What tests of the Training room share: small runs, and hands that start them."""

from browser import read_numbers, settle

SECONDS = 60  # on a machine that others use, too
# Small, so that a run takes a second.
SMALL = {"network": "hidden", "rate": 0.02, "digits": 500, "passes": 2}


ENDED = """() => document.querySelector(".lenet-status progress").value === 1
  && document.querySelector(".lenet-start").textContent.includes("Start")"""


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def start(page):
    page.locator(".lenet-start").click()


def wait_for(page, text):
    page.locator(".lenet-state", has_text=text).wait_for()


def run_to_the_end(page):
    start(page)
    wait_for_end(page)


def wait_for_end(page):
    settle(page)
    page.wait_for_function(ENDED)


def read_state(page):
    """Read the status: per cent right, digits learnt from."""
    settle(page)
    text = page.locator(".lenet-state").inner_text()
    return read_numbers(text)[:2]


def read_runs(page):
    settle(page)
    return page.locator(".lenet-runs tbody tr").all_inner_texts()
