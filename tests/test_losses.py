"""Criteria against the formulas, term by term."""

import math

import pytest
import torch

from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.model.rbf import RBFOutput

LOSSES = (
    SquaredError(),
    SquaredError(low=-0.8, high=0.8),
    MaximumLikelihood(),
)


def penalties():
    outputs = torch.tensor([[1.0, 2.0, 4.0], [3.0, 0.5, 0.25]], dtype=torch.float64)
    return outputs, torch.tensor([0, 1])


def test_equation_8_is_the_mean_penalty_of_the_right_class():
    assert MaximumLikelihood()(*penalties()).item() == pytest.approx((1 + 0.5) / 2)


def test_equation_9_by_hand():
    outputs, labels = penalties()
    expected = 0
    for y, label in zip(outputs.tolist(), labels.tolist(), strict=True):
        rubbish = math.exp(-0.7)
        expected += y[label] + math.log(rubbish + sum(math.exp(-v) for v in y))
    loss = MaximumPosterior(j=0.7)(outputs, labels)
    assert loss.item() == pytest.approx(expected / 2, rel=1e-12)


def test_squared_error_is_the_mean_over_patterns_and_units():
    outputs, labels = penalties()
    wanted = torch.tensor([[1.0, -1, -1], [-1, 1, -1]])
    expected = ((outputs - wanted) ** 2).sum().item() / 6
    assert SquaredError()(outputs, labels).item() == pytest.approx(expected)


@pytest.mark.parametrize("scale", [1e3, 1e5])
def test_equation_9_is_stable_for_large_penalties(scale):
    outputs = torch.tensor([[3.0, 1.0, 2.0]]) * scale
    outputs.requires_grad_()
    loss = MaximumPosterior(j=1.0)(outputs, torch.tensor([0]))
    loss.backward()
    assert loss.item() == pytest.approx(3 * scale - 1, rel=1e-6)
    assert outputs.grad.tolist() == [[1.0, 0.0, 0.0]]


def test_equation_9_is_never_negative():
    outputs = torch.rand(1000, 10) * 5
    loss = MaximumPosterior(j=1.0)
    for i in range(100):
        assert loss(outputs[i : i + 1], torch.tensor([i % 10])).item() >= 0


@pytest.mark.parametrize("j", [0.0, -1.0])
def test_equation_9_needs_a_positive_j(j):
    with pytest.raises(ValueError, match="above 0"):
        MaximumPosterior(j=j)


@pytest.mark.parametrize("loss", LOSSES)
def test_derivatives_are_those_of_autograd(loss):
    outputs, labels = penalties()
    for n in range(2):
        y = outputs[n : n + 1]
        gradient = torch.autograd.functional.jacobian(
            lambda y, n=n: loss(y, labels[n : n + 1]), y
        )
        hessian = torch.autograd.functional.hessian(
            lambda y, n=n: loss(y, labels[n : n + 1]), y
        )
        first, second = loss.derivatives(y, labels[n : n + 1])
        torch.testing.assert_close(first, gradient)
        torch.testing.assert_close(second[0], hessian.view(3, 3).diagonal())


def test_equation_9_estimates_the_curvature_of_equation_8():
    for of_9, of_8 in zip(
        MaximumPosterior(j=0.5).derivatives(*penalties()),
        MaximumLikelihood().derivatives(*penalties()),
        strict=True,
    ):
        assert torch.equal(of_9, of_8)


@pytest.mark.parametrize(
    ("loss", "collapses"),
    [(MaximumLikelihood(), True), (MaximumPosterior(j=10), False)],
)
def test_only_equation_8_collapses_when_the_centres_adapt(loss, collapses):
    """States that ignore the image: eq. 8 falls to 0, eq. 9 keeps its price."""
    output = RBFOutput(trainable=True)
    state = torch.nn.Parameter(torch.zeros(1, 84))  # the same for every image
    optimizer = torch.optim.SGD([output.weight, state], lr=0.5)
    labels = torch.arange(10)
    for _ in range(120):
        optimizer.zero_grad()
        value = loss(output(state).expand(10, 10), labels)
        value.backward()
        optimizer.step()
    assert (value.item() < 1e-3) == collapses


FAULTY_LABELS = {
    "too large": (torch.tensor([0, 10, 2, 3]), "from 0 to 9, got 10"),
    "negative": (torch.tensor([0, -1, 2, 3]), "from 0 to 9, got -1"),
    "PyTorch's ignored": (torch.tensor([-100, 1, 2, 3]), "from 0 to 9, got -100"),
    "int32": (torch.arange(4, dtype=torch.int32), "int64, got torch.int32"),
    "uint8": (torch.arange(4, dtype=torch.uint8), "int64, got torch.uint8"),
    "floats": (torch.arange(4.0), "int64, got torch.float32"),
    "one-hot": (torch.eye(4, 10, dtype=torch.int64), r"\(4,\), got \(4, 10\)"),
    "a column": (torch.arange(4)[:, None], r"\(4,\), got \(4, 1\)"),
    "too few": (torch.arange(2), r"\(4,\), got \(2,\)"),
    "one number": (torch.tensor(3), r"\(4,\), got \(\)"),
}


@pytest.mark.parametrize("kind", FAULTY_LABELS)
@pytest.mark.parametrize(
    "loss", [SquaredError(), MaximumLikelihood(), MaximumPosterior()]
)
def test_labels_that_are_not_one_class_a_pattern_are_refused(loss, kind):
    labels, message = FAULTY_LABELS[kind]
    outputs = torch.rand(4, 10)
    for compute in (loss, loss.derivatives):
        with pytest.raises(ValueError, match=f"`labels`.*{message}"):
            compute(outputs, labels)


@pytest.mark.parametrize(
    "loss", [SquaredError(), MaximumLikelihood(), MaximumPosterior()]
)
def test_outputs_of_one_pattern_need_a_batch(loss):
    with pytest.raises(ValueError, match=r"`outputs` .*got \(10,\)"):
        loss(torch.rand(10), torch.tensor([1]))
