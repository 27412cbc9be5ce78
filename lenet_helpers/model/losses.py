"""The papers' criteria: mean squared error, and equations 8 and 9 of 1998.

Each returns the mean over the patterns, and gives the two derivatives in the outputs
from which second derivatives are propagated back. All take ``outputs``, (N, classes),
and ``labels``, (N,) int64 classes from 0, and refuse others with a ValueError.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet_helpers.model._checks import check_labels


class SquaredError(nn.Module):
    """The mean over patterns and output units of (output - target)^2 (1989, 1990).

    Parameters
    ----------
    low, high : float
        The targets of the other classes and of the class (1990: -1, +1; 1989 prints
        none).

    References
    ----------
    LeCun et al. 1989, p. 546-547; Le Cun et al. 1990, p. 4.
    """

    def __init__(self, *, low=-1.0, high=1.0):
        super().__init__()
        self.low, self.high = low, high

    def targets(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Give the wanted outputs, (N, classes)."""
        return self.low + (self.high - self.low) * _mark_classes(outputs, labels)

    def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, (N, classes) and (N,) to a scalar."""
        return (outputs - self.targets(outputs, labels)).square().mean()

    def derivatives(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Compute dE/dy and d2E/dy2 of each pattern's loss, (N, classes) both."""
        errors = outputs - self.targets(outputs, labels)
        num_classes = outputs.shape[1]
        return 2 * errors / num_classes, torch.full_like(errors, 2 / num_classes)


class MaximumLikelihood(nn.Module):
    """Equation 8: the penalty of the right class.

    It lets the other classes be, and falls to 0 without learning anything when the
    centres of the output units may adapt.

    Parameters
    ----------
    penalty_scale : float
        What multiplies the penalties; 1 is as printed, 1 / 84 the mean over F6's units.

    References
    ----------
    LeCun et al. 1998, eq. 8.
    """

    def __init__(self, *, penalty_scale=1.0):
        super().__init__()
        self.penalty_scale = penalty_scale

    def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, (N, classes) and (N,) to a scalar."""
        check_labels(outputs, labels)
        return self.penalty_scale * outputs.gather(1, labels[:, None]).mean()

    def derivatives(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Compute dE/dy and d2E/dy2 of each pattern's loss, (N, classes) both."""
        classes = _mark_classes(outputs, labels)
        return self.penalty_scale * classes, torch.zeros_like(outputs)


class MaximumPosterior(nn.Module):
    """Equation 9: the penalty of the right class, plus log(e^-j + sum_i e^-y_i).

    The second term pushes the other classes away while their penalties are not much
    larger than j or than the right class's.

    Parameters
    ----------
    j : float
        Penalty of a rubbish class that fits everything equally; above 0, not published.
    penalty_scale : float
        What multiplies the penalties; 1 is as printed.
    curvature : {"likelihood", "posterior"}
        The second derivatives that `derivatives` gives; the paper prints none. Those of
        the first term alone (equation 8), or of both.

    Raises
    ------
    ValueError : `j` is not positive; `curvature` is unknown.

    References
    ----------
    LeCun et al. 1998, eq. 9.
    """

    def __init__(self, *, j=1.0, penalty_scale=1.0, curvature="likelihood"):
        super().__init__()
        if not j > 0:
            raise ValueError(f"`j` must be above 0, got {j}.")
        if curvature not in ("likelihood", "posterior"):
            raise ValueError(
                f'`curvature` must be "likelihood" or "posterior", got {curvature!r}.'
            )
        self.j, self.penalty_scale, self.curvature = j, penalty_scale, curvature

    def _scores(self, outputs):
        """Give -y_i of each class and -j of the rubbish class, (N, classes + 1)."""
        return functional.pad(-self.penalty_scale * outputs, (0, 1), value=-self.j)

    def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, (N, classes) and (N,) to a scalar; never negative."""
        check_labels(outputs, labels)
        # Cross-entropy subtracts the largest score first: nothing overflows.
        return functional.cross_entropy(self._scores(outputs), labels)

    def derivatives(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Compute dE/dy and d2E/dy2 of each pattern's loss, (N, classes) both."""
        classes = _mark_classes(outputs, labels)
        scale = self.penalty_scale
        if self.curvature == "likelihood":
            return scale * classes, torch.zeros_like(outputs)
        posteriors = self._scores(outputs).softmax(1)[:, :-1]
        # Summed over the classes it is the rubbish class's posterior: never negative.
        gradient = scale * (classes - posteriors)
        return gradient, scale**2 * posteriors * (1 - posteriors)


def _mark_classes(outputs, labels):
    """Give 1 for the class of each pattern and 0 for the others, (N, classes)."""
    check_labels(outputs, labels)
    return functional.one_hot(labels, outputs.shape[1]).to(outputs)
