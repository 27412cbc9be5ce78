"""The output layer of LeNet-5: distances from the codes of the characters."""

import torch
from torch import Tensor, nn

from lenet_helpers.paper import CODES


class RBFOutput(nn.Module):
    """Give each class a penalty: y_i = sum_j (x_j - w_ij)^2, small where it fits.

    Parameters
    ----------
    characters : str
        One class each; its centre is the 7 x 12 bitmap of the character.
    trainable : bool
        Let the centres adapt (the paper's are fixed "at least initially").

    Attributes
    ----------
    weight : Parameter or buffer, (classes, 84); +1 is black, -1 is white

    Raises
    ------
    ValueError : a character has no code.

    References
    ----------
    LeCun et al. 1998, eq. 7 and Figure 3.
    """

    def __init__(self, characters: str = "0123456789", *, trainable: bool = False):
        super().__init__()
        unknown = set(characters) - set(CODES)
        if unknown or not characters:
            raise ValueError(
                f"`characters` must be printable ASCII characters, got {characters!r}."
            )
        codes = torch.stack([_read_code(CODES[character]) for character in characters])
        if trainable:
            self.weight = nn.Parameter(codes)
        else:
            self.register_buffer("weight", codes)

    def forward(self, inputs: Tensor) -> Tensor:
        """Compute the penalties, (N, 84) to (N, classes).

        Raises
        ------
        ValueError : `inputs` has another shape.
        """
        if inputs.ndim != 2 or inputs.shape[1] != self.weight.shape[1]:
            raise ValueError(
                f"`inputs` of RBFOutput must be (N, {self.weight.shape[1]}), got "
                f"{tuple(inputs.shape)}."
            )
        return (inputs[:, None, :] - self.weight).square().sum(-1)

    def propagate_curvature(self, inputs, states, curvature, gradient):
        """Turn the derivatives in the penalties into d2E/dx2 and d2E/dw2.

        Parameters
        ----------
        inputs, states : Tensor, (N, 84) and (N, classes)
        curvature, gradient : Tensor, (N, classes); d2E/dy2 and dE/dy

        Returns
        -------
        As `MapConvolution.propagate_curvature`: dy_i/dx_j is 2 (x_j - w_ij), its own
        derivative 2. The paper prints no rule; cross terms between classes are dropped.
        """
        slopes = 2 * (inputs[:, None, :] - self.weight)  # (N, classes, 84)
        terms = curvature[..., None] * slopes**2 + 2 * gradient[..., None]
        return terms.sum(1), [terms.sum(0)]

    def measure(self, inputs, states):
        """Count from one pattern's inputs and states; see `networks.summarize`."""
        return {
            "maps": 1,
            "units": len(self.weight),
            "connections": self.weight.numel(),
            "multiply_accumulates": self.weight.numel(),
        }


def _read_code(digits):
    """Turn 24 hexadecimal digits into 84 pixels of +1 and -1."""
    rows = [int(digits[i : i + 2], 16) for i in range(0, 24, 2)]
    bits = [row >> bit & 1 for row in rows for bit in range(6, -1, -1)]
    return 2 * torch.tensor(bits, dtype=torch.float32) - 1
