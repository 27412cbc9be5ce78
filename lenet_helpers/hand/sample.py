"""A hand that the book ships, so that a page without a reader's digits has some.

Nobody wrote it: its strokes are made here. It has habits that many hands have and few
of MNIST's writers: a 1 with a long upstroke, a 7 with a bar, a 0 with a slash, an open
4, a 3 with a flat top, and it leans to the left.
"""

import numpy as np
from scipy.interpolate import CubicSpline

from lenet_helpers.hand.digits import Hand, read_strokes

# By digit, its strokes: x and y of each point in turn, in percent of the field.
# "curve" runs smoothly through its points, "line" straight from each to the next.
STROKES = {
    0: [
        ("curve", (50, 15, 32, 28, 27, 58, 45, 85, 66, 72, 72, 40, 58, 17, 46, 17)),
        ("line", (70, 20, 30, 82)),
    ],
    1: [("line", (22, 52, 57, 14, 57, 86))],
    2: [
        ("curve", (31, 30, 46, 15, 65, 26, 58, 48, 29, 82)),
        ("line", (29, 82, 73, 82)),
    ],
    3: [
        ("line", (30, 16, 69, 16, 45, 42)),
        ("curve", (45, 42, 68, 55, 62, 79, 41, 86, 26, 76)),
    ],
    4: [("line", (45, 12, 25, 60, 76, 60)), ("line", (60, 38, 56, 88))],
    5: [
        ("line", (71, 14, 38, 15, 35, 45)),
        ("curve", (35, 45, 56, 40, 68, 58, 58, 80, 29, 84)),
    ],
    6: [("curve", (62, 14, 41, 35, 30, 65, 45, 86, 65, 74, 55, 56, 34, 66))],
    7: [("line", (27, 18, 71, 18, 43, 87)), ("line", (35, 53, 68, 49))],
    8: [
        (
            "curve",
            (63, 24, 46, 15, 36, 30, 50, 47, 64, 66, 50, 86, 34, 70, 48, 50, 64, 26),
        ),
    ],
    9: [
        ("curve", (66, 31, 51, 15, 34, 31, 47, 47, 66, 33)),
        ("curve", (66, 33, 63, 60, 52, 86, 34, 84)),
    ],
}
LEAN = -0.22  # to the left: columns per row
SPREAD = {"points": 0.018, "turn": 0.06, "lean": 0.06, "width": 0.1}
POINTS = 16  # of a curve, from point to point


def write_sample(number: int = 10, *, seed: int = 0) -> Hand:
    """Write the sample hand's digits.

    Parameters
    ----------
    number : int
        Of each digit.
    seed : int
        No two digits are alike; the same seed gives the same ones.

    Returns
    -------
    Hand
        Of 10 x `number` digits, the 0s first, with labels.
    """
    labels = np.repeat(np.arange(10), number)
    return read_strokes(draw_sample(number, seed=seed), labels.tolist())


def draw_sample(number: int = 10, *, seed: int = 0) -> list[list[list[float]]]:
    """Draw the digits of `write_sample`: strokes of a pad, as `read_strokes` takes."""
    rng = np.random.default_rng(seed)
    return [_draw(label, rng) for label in np.repeat(np.arange(10), number)]


def _draw(label, rng):
    """Draw a digit: list of list of float, its strokes on the pad."""
    turn, lean = rng.normal(0, (SPREAD["turn"], SPREAD["lean"]))
    width = 1 + rng.normal(0, SPREAD["width"])
    cosine, sine = np.cos(turn), np.sin(turn)
    change = np.array([[cosine, -sine], [sine, cosine]]) @ [
        [width, -(LEAN + lean)],
        [0, 1],
    ]
    strokes = []
    for kind, numbers in STROKES[label]:
        points = np.reshape(numbers, (-1, 2)) / 100
        points = points + rng.normal(0, SPREAD["points"], points.shape)
        if kind == "curve":
            points = _smooth(points)
        points = (points - 0.5) @ change.T + 0.5
        strokes.append(np.clip(points, 0, 1).ravel().tolist())
    return strokes


def _smooth(points):
    """Lay a smooth curve through points: (n, 2) to (POINTS (n - 1) + 1, 2)."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0], np.cumsum(steps)])
    shares = np.linspace(0, len(steps), POINTS * len(steps) + 1)
    places = np.interp(shares, np.arange(len(along)), along)
    return CubicSpline(along, points)(places)
