"""What the Training room can be set to, and sets of settings that teach something."""

import math

CHOICES = {
    "network": ("linear", "hidden", "net1989", "lenet1", "lenet4", "lenet5"),
    "loss": ("squared", "cross-entropy", "equation-8", "equation-9"),
    "optimizer": ("sgd", "momentum", "adam", "sdlm"),
    "squash": ("scaled-tanh", "tanh", "relu", "none"),
    "initial": ("root", "printed"),
    "schedule": ("constant", "falling"),
    "labels": ("right", "shuffled"),
}
NUMBERS = ("rate", "mu")  # above 0
COUNTS = ("batch_size", "digits", "passes")  # whole, from 1

ORDINARY = {
    "network": "lenet1",
    "loss": "cross-entropy",
    "optimizer": "sgd",
    "rate": 0.01,
    "schedule": "falling",
    "mu": 0.08,
    "batch_size": 1,
    "squash": "scaled-tanh",
    "initial": "root",
    "labels": "right",
    "digits": 6000,
    "passes": 8,
    "seed": 0,
}
_SQUARED = {"loss": "squared", "schedule": "constant"}
_LENET5 = {
    "network": "lenet5",
    "loss": "equation-9",
    "optimizer": "sdlm",
    "rate": 0.0005,
    "schedule": "constant",
    "digits": 2000,
    "passes": 3,
}


def _describe(name, title, hint, *runs):
    return {
        "name": name,
        "title": title,
        "hint": hint,
        "runs": [ORDINARY | run for run in runs],
    }


# `runs` follow each other, so that the reader sees them side by side.
PRESETS = [
    _describe(
        "good",
        "A good run",
        "LeNet-1 learns one digit at a time, at a rate that falls to 0. Watch the "
        "kernels: noise at first, then a red side and a blue side, which find edges. "
        "Which digits does it still miss when the curve is flat?",
        {},
    ),
    _describe(
        "too fast",
        "Too fast",
        "The same network twice, the second time at a rate 50 times as high. Watch the "
        "error, and the gradients: the units are driven to the flat ends of the "
        "squashing function. Then find the highest rate that still learns.",
        _SQUARED | {"passes": 2},
        _SQUARED | {"rate": 0.5, "passes": 2},
    ),
    _describe(
        "dead start",
        "Dead start",
        "LeNet-5 from the initial weights that the paper prints, the penalties summed: "
        "it sits at 90 % errors, which is guessing. A second run, from larger weights "
        "and with a larger μ, follows. Compare their gradients.",
        _LENET5 | {"initial": "printed", "mu": 0.02, "passes": 1},
        _LENET5 | {"passes": 1},
    ),
    _describe(
        "shuffled labels",
        "Shuffled labels",
        "300 digits, their labels dealt out at random: there is nothing to learn. "
        "Watch the training error fall all the same, and the test error stay.",
        {
            "network": "hidden",
            "rate": 0.02,
            "schedule": "constant",
            "labels": "shuffled",
            "digits": 300,
            "passes": 40,
        },
    ),
    _describe(
        "no squash",
        "No squash",
        "Without a squashing function the layers of LeNet-1 together are one linear "
        "map. It stops about where a linear classifier stops, which is the second run.",
        _SQUARED | {"squash": "none", "rate": 0.003, "passes": 4},
        _SQUARED | {"network": "linear", "squash": "none", "rate": 0.003, "passes": 4},
    ),
    _describe(
        "adam against 1998",
        "Adam against 1998",
        "LeNet-5 by the method of 1998, which measures curvature before each pass and "
        "learns one digit at a time, then by Adam, 25 digits an update. Which is ahead "
        "after a pass, which after three, and which took longer?",
        _LENET5,
        _LENET5 | {"optimizer": "adam", "rate": 0.001, "batch_size": 25},
    ),
]


def fill_settings(preset: str, changes: dict) -> dict:
    """Take the settings of a preset, with some changed.

    Parameters
    ----------
    preset : str
        The name of one of `PRESETS`; its first run counts.
    changes : dict
        ``network``, ``loss``, ``optimizer``, ``squash``, ``initial``, ``schedule`` of
        the rate, ``labels``: of `CHOICES`; ``rate`` and ``mu`` (of "sdlm"): numbers
        above 0; ``batch_size``, ``digits`` to train on, ``passes`` until it pauses:
        whole numbers from 1; ``seed``.

    Returns
    -------
    dict

    Raises
    ------
    ValueError : something is unknown, or no number that would do.
    """
    names = [known["name"] for known in PRESETS]
    if preset not in names:
        raise ValueError(f"`preset` must be one of {names}; got {preset!r}.")
    settings = PRESETS[names.index(preset)]["runs"][0] | changes
    for name, value in settings.items():
        if name not in ORDINARY:
            raise ValueError(f"{name!r} is no setting; there are {list(ORDINARY)}.")
        if name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"`{name}` must be one of {CHOICES[name]}; got {value!r}.")
        if name in NUMBERS and not 0 < value < math.inf:
            raise ValueError(f"`{name}` must be a number above 0; got {value!r}.")
        if name in COUNTS and not (isinstance(value, int) and value > 0):
            raise ValueError(f"`{name}` must be a whole number from 1; got {value!r}.")
    if not isinstance(settings["seed"], int):
        raise ValueError(f"`seed` must be a whole number; got {settings['seed']!r}.")
    return settings
