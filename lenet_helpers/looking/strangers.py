"""Pictures that are no digits, made like digits, and how well an answer tells them.

Each maker gives (N, 1, 28, 28) uint8, 0 for background and 255 for ink, with the ink in
MNIST's box of 20 x 20 where it is drawn. `make_others` gives digits, of other people:
a control, which should be taken for what they are.
"""

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from torch import Tensor

from lenet_helpers.data import prepare_images
from lenet_helpers.distortions import distort
from lenet_helpers.drawing import center_ink, draw_ink
from lenet_helpers.judging import certainty
from lenet_helpers.paper import CODES

LOOK_LIKE_DIGITS = "OoQDIl|!ijSsZzBbqg"  # as they are drawn in the codes
MARKS = "".join(sorted(set(CODES) - set(" 0123456789" + LOOK_LIKE_DIGITS)))
SIDE = 20  # pixels of a code's pixel, before the ink is reduced to MNIST's box
RULES = ("best score", "lead over the second", "softmax")
RANGES = {"scale": 0.1, "shear": 0.15, "rotation": 10.0, "elastic": 0.5}


def make_marks(number: int, *, seed: int) -> Tensor:
    """Draw letters and marks, each time a little differently.

    They are the paper's pictures of the printable characters, without the blank, the
    digits and `LOOK_LIKE_DIGITS`, enlarged, smoothed, and distorted.

    Parameters
    ----------
    number, seed : int

    Returns
    -------
    Tensor, (number, 1, 28, 28) uint8
        Number k is of character k modulo their number, ``MARKS[k % len(MARKS)]``.

    References
    ----------
    LeCun et al. 1998, Figure 3.
    """
    drawn = np.stack([_draw_code(CODES[mark]) for mark in MARKS])
    some = torch.from_numpy(drawn[np.arange(number) % len(MARKS)])[:, None]
    generator = torch.Generator().manual_seed(seed)
    images = prepare_images(some, low=0.0, high=255.0)
    moved = distort(images, generator=generator, background=0.0, **RANGES)
    return moved.round().clamp(0, 255).to(torch.uint8)


def make_scribbles(number: int, *, seed: int) -> Tensor:
    """Draw two or three curved strokes anywhere on the field, then centre the ink.

    Parameters
    ----------
    number, seed : int

    Returns
    -------
    Tensor, (number, 1, 28, 28) uint8
    """
    generator = np.random.default_rng(seed)
    images = [
        center_ink(
            draw_ink([_draw_stroke(generator) for _ in range(generator.integers(2, 4))])
        )
        for _ in range(number)
    ]
    return torch.from_numpy(np.stack(images))[:, None]


def join_halves(images: Tensor, labels: Tensor, number: int, *, seed: int) -> Tensor:
    """Put the right half of a digit left of the left half of another, of another class.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28) uint8
    labels : Tensor, (N,) int64
    number, seed : int

    Returns
    -------
    Tensor, (number, 1, 28, 28) uint8
    """
    generator = torch.Generator().manual_seed(seed)
    one, other = torch.randint(len(labels), (2, 2 * number), generator=generator)
    differ = labels[one] != labels[other]
    one, other = one[differ][:number], other[differ][:number]
    return torch.cat([images[one][..., 14:], images[other][..., :14]], dim=3)


def shuffle_pixels(images: Tensor, number: int, *, seed: int) -> Tensor:
    """Put the pixels of each digit into an order of its own: noise with a digit's ink.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28) uint8
    number, seed : int

    Returns
    -------
    Tensor, (number, 1, 28, 28) uint8
    """
    generator = torch.Generator().manual_seed(seed)
    some = torch.randint(len(images), (number,), generator=generator)
    keys = torch.rand(number, 784, generator=generator)
    return images[some].flatten(1).gather(1, keys.argsort(1)).view(-1, 1, 28, 28)


def make_others(number: int, *, seed: int) -> Tensor:
    """Enlarge scikit-learn's digits of 13 people, who had no part in MNIST.

    Parameters
    ----------
    number, seed : int
        At most 1,797 of them, drawn without replacement.

    Returns
    -------
    Tensor, (number, 1, 28, 28) uint8
    """
    inputs, _ = load_digits(return_X_y=True)
    grids = np.reshape(inputs, (-1, 8, 8))  # from 0 to 16
    some = np.random.default_rng(seed).permutation(len(grids))[:number]
    images = []
    for grid in grids[some]:
        small = Image.fromarray((grid * 255 / 16).astype(np.uint8))
        large = small.resize((20, 20), Image.Resampling.BICUBIC)
        images.append(center_ink(np.pad(np.asarray(large), 20)))
    return torch.from_numpy(np.stack(images))[:, None]


def gather(images: Tensor, labels: Tensor, number: int, *, seed: int) -> dict:
    """Make as many strangers of each kind, and digits of other people.

    Parameters
    ----------
    images, labels
        Digits, for halves and shuffled pixels.
    number, seed : int

    Returns
    -------
    dict of Tensor, (number, 1, 28, 28) uint8
        "marks", "halves", "scribbles", "shuffled", and "other digits".
    """
    return {
        "marks": make_marks(number, seed=seed),
        "halves": join_halves(images, labels, number, seed=seed),
        "scribbles": make_scribbles(number, seed=seed),
        "shuffled": shuffle_pixels(images, number, seed=seed),
        "other digits": make_others(number, seed=seed),
    }


def rate_answers(scores: Tensor) -> dict[str, Tensor]:
    """Say by three rules how much each answer looks like one to a digit.

    Parameters
    ----------
    scores : Tensor, (N, 10)
        The largest for the answer; of LeNet-5, minus the penalties.

    Returns
    -------
    dict of Tensor, (N,) float64
        "best score": with RBF units minus the smallest penalty, else the largest logit;
        "lead over the second": the rule of 1998, Figure 10; "softmax": the logarithm of
        the odds that the softmax of the scores gives the answer, which puts digits in
        the order of the probability, and does not end at 1.
    """
    best, places = scores.double().max(1)
    rest = scores.double().scatter(1, places[:, None], -torch.inf)
    return {
        "best score": best,
        "lead over the second": certainty(scores.double()),
        "softmax": best - rest.logsumexp(1),
    }


def measure_area(digits: Tensor, strangers: Tensor) -> float:
    """Measure how often a digit is rated above a stranger, ties counting one half.

    It is the area under the ROC curve: 1 if all digits lie above all strangers, 0.5 if
    the rating tells nothing.

    Parameters
    ----------
    digits, strangers : Tensor, (N,) and (M,)
        Ratings of one rule.
    """
    is_digit = np.r_[np.ones(len(digits)), np.zeros(len(strangers))]
    return float(roc_auc_score(is_digit, torch.cat([digits, strangers]).numpy()))


def draw_areas_again(
    digits: Tensor, strangers: Tensor, *, times: int = 200, seed: int = 0
) -> np.ndarray:
    """Measure the area on pictures drawn again, with replacement, from the same ones.

    Parameters
    ----------
    digits, strangers
        As in `measure_area`.
    times, seed : int

    Returns
    -------
    array, (times,)
    """
    generator = torch.Generator().manual_seed(seed)
    return np.array(
        [
            measure_area(
                *(
                    part[torch.randint(len(part), (len(part),), generator=generator)]
                    for part in (digits, strangers)
                )
            )
            for _ in range(times)
        ]
    )


def _draw_code(digits):
    """Turn 24 hexadecimal digits into smooth ink in MNIST's box: (28, 28) uint8."""
    rows = [int(digits[i : i + 2], 16) for i in range(0, 24, 2)]
    bits = np.array([[row >> bit & 1 for bit in range(6, -1, -1)] for row in rows])
    large = np.kron(np.pad(bits, 2), np.ones((SIDE, SIDE)))
    smooth = ndimage.gaussian_filter(large, 0.6 * SIDE)
    return center_ink((255 * np.clip(3 * smooth - 1, 0, 1)).astype(np.uint8))


def _draw_stroke(generator):
    """Draw a curve through four points, a quadratic piece at a time, as x, y, x, y."""
    corners = generator.uniform(0.15, 0.85, (4, 2))
    ends = np.array([corners[0], (corners[1] + corners[2]) / 2, corners[3]])
    share = np.linspace(0, 1, 9)[:, None]
    pieces = [
        (1 - share) ** 2 * start + 2 * share * (1 - share) * bend + share**2 * end
        for start, bend, end in zip(ends[:-1], corners[1:3], ends[1:], strict=True)
    ]
    return np.concatenate(pieces).flatten().tolist()
