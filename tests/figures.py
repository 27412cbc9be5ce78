"""Small figures to test, of random digits and weights."""

import torch

from lenet_helpers import LeNet5, load_mnist
from lenet_helpers.interactive import (
    AmountPad,
    Codebook,
    ConnectionTable,
    ConvolutionExplorer,
    CriteriaReplay,
    CutYourself,
    Descent,
    FoolIt,
    Lesion,
    TrainingReplay,
    YourHand,
)
from lenet_helpers.model.rbf import RBFOutput
from lenet_helpers.strings.amounts import CHARACTERS, make_amounts
from lenet_helpers.strings.cuts import segment
from lenet_helpers.strings.lines import make_lines
from lenet_helpers.strings.reading import CRITERIA

NUM_EPOCHS = 4


def make_convolution():
    generator = torch.Generator().manual_seed(0)
    images = torch.zeros(3, 1, 28, 28, dtype=torch.uint8)
    images[..., 8:20, 8:20] = torch.randint(
        0, 256, (3, 1, 12, 12), dtype=torch.uint8, generator=generator
    )
    network = LeNet5(initial="root", seed=0)
    with torch.no_grad():
        network.c1.bias.copy_(torch.arange(6) / 4)
    return ConvolutionExplorer(images, network=network, digit=1)


def make_recorded():
    generator = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.rand(*shape, generator=generator)

    num_snapshots = NUM_EPOCHS + 1
    return {
        "c1": (draw(num_snapshots, 6, 5, 5) - 0.5).half(),
        "c3": (draw(num_snapshots, 60, 5, 5) - 0.5).half(),
        "penalties": 100 * draw(num_snapshots, 20, 10),
        "rates": 1e-3 * draw(num_snapshots, 6, 3).sort(2).values,
        "digits": (255 * draw(20, 28, 28)).to(torch.uint8),
        "labels": torch.arange(20) % 10,
        "training_error": 0.05 / torch.arange(1, num_snapshots),
        "test_error": 0.03 / torch.arange(1, num_snapshots),
    }


def make_replay():
    return TrainingReplay(make_recorded(), divisor=4)


def draw_blots():
    """Draw ten images that are as large as digits."""
    generator = torch.Generator().manual_seed(0)
    images = torch.zeros(10, 1, 28, 28, dtype=torch.uint8)
    images[..., 4:24, 8:20] = torch.randint(
        0, 256, (10, 1, 20, 12), dtype=torch.uint8, generator=generator
    )
    return images


def make_amount_pad():
    """Make a pad whose networks are not trained, with two amounts of blots."""
    network, slider = (LeNet5(initial="root", seed=seed) for seed in range(2))
    network.output = slider.output = RBFOutput(CHARACTERS)
    lines = make_amounts(draw_blots(), torch.arange(10), number=2, seed=0)
    return AmountPad(network, lines, slider=slider, threshold=0.5)


def make_cuts():
    """Make lines of blots; one system reads the first rightly, one none."""
    lines = make_lines(
        draw_blots(), torch.arange(10), number=3, length=(5, 5), gap=(-1, 0), seed=0
    )
    others = {
        "cutting": [lines[0].labels, (1, 2), (3,)],
        "sliding": [(4, 5, 6, 7, 8, 9), (), (7, 8)],
    }
    return CutYourself(lines, network=LeNet5(initial="root", seed=0), others=others)


def make_recorded_criteria():
    """Record three looks at the graphs of two lines of blots, of random penalties."""
    generator = torch.Generator().manual_seed(0)
    recorded = {}
    for factor, name in enumerate(CRITERIA, 1):
        kept = {
            "steps": torch.tensor([0, 10, 750]),
            "numbers": torch.tensor([3, 8]),
            "string_error_rate": torch.tensor([0.2, 0.1, 0.3 / factor]),
            "right_penalty": torch.tensor([18.0, 20.0, 12.0 * factor]),
            "best_penalty": torch.tensor([16.0, 17.0, 11.0 * factor]),
        }
        for i, line in enumerate(make_recorded_lines()):
            pieces = segment([line.pixels])
            shape = (3, len(pieces.sources), 10)
            kept |= {
                f"{i}.labels": torch.tensor(line.labels),
                f"{i}.columns": torch.from_numpy(pieces.cuts[0][:, 0].copy()),
                f"{i}.sources": torch.from_numpy(pieces.sources),
                f"{i}.destinations": torch.from_numpy(pieces.destinations),
                f"{i}.penalties": (9 * torch.rand(shape, generator=generator)).half(),
            }
        recorded[name] = kept
    return recorded


def make_recorded_lines():
    return make_lines(draw_blots(), torch.arange(10), number=2, length=(3, 3), seed=1)


def make_criteria_replay():
    return CriteriaReplay(make_recorded_criteria(), make_recorded_lines())


def make_hand():
    return YourHand(load_mnist(source="sample"))


def make_lesion():
    return Lesion(load_mnist(source="sample"), number=20)


def make_fool_it():
    return FoolIt(load_mnist(source="sample"))


FIGURES = {
    "amount": make_amount_pad,
    "convolution": make_convolution,
    "connections": ConnectionTable,
    "codebook": Codebook,
    "replay": make_replay,
    "descent": Descent,
    "cuts": make_cuts,
    "criteria": make_criteria_replay,
    "hand": make_hand,
    "lesion": make_lesion,
    "fool": make_fool_it,
}
