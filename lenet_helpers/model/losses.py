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

    def __init__(self, *, low: float = -1.0, high: float = 1.0):
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

    References
    ----------
    LeCun et al. 1998, eq. 8.
    """

    def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, (N, classes) and (N,) to a scalar."""
        check_labels(outputs, labels)
        return outputs.gather(1, labels[:, None]).mean()

    def derivatives(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Compute dE/dy and d2E/dy2 of each pattern's loss, (N, classes) both."""
        return _mark_classes(outputs, labels), torch.zeros_like(outputs)


class MaximumPosterior(nn.Module):
    """Equation 9: the penalty of the right class, plus log(e^-j + sum_i e^-y_i).

    The second term pushes the other classes away while their penalties are not much
    larger than j or than the right class's.

    Parameters
    ----------
    j : float
        Penalty of a rubbish class that fits everything equally; above 0, not published.

    Raises
    ------
    ValueError : `j` is not positive.

    References
    ----------
    LeCun et al. 1998, eq. 9.
    """

    def __init__(self, *, j: float = 1.0):
        super().__init__()
        if not j > 0:
            raise ValueError(f"`j` must be above 0, got {j}.")
        self.j = j

    def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, (N, classes) and (N,) to a scalar; never negative."""
        check_labels(outputs, labels)
        # Scores: -y_i of each class and -j of the rubbish class, (N, classes + 1).
        # Cross-entropy subtracts the largest first, so nothing overflows.
        scores = functional.pad(-outputs, (0, 1), value=-self.j)
        return functional.cross_entropy(scores, labels)

    def derivatives(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Give what h is propagated from, (N, classes) both.

        The paper prints no second derivatives at the outputs. These are the derivatives
        of the first term alone, equation 8.
        """
        return _mark_classes(outputs, labels), torch.zeros_like(outputs)


def _mark_classes(outputs, labels):
    """Give 1 for the class of each pattern and 0 for the others, (N, classes)."""
    check_labels(outputs, labels)
    return functional.one_hot(labels, outputs.shape[1]).to(outputs)
