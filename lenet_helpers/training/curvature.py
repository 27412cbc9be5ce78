"""Stochastic diagonal Levenberg-Marquardt: a learning rate for every parameter."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.paper import MU

Loss = SquaredError | MaximumLikelihood | MaximumPosterior


class DiagonalLevenbergMarquardt(torch.optim.Optimizer):
    """Descend with the rate eta / (mu + h), h the curvature along each parameter.

    Call `estimate_curvature` before each pass; in between, h is kept. Before the first
    call h is 0.

    Parameters
    ----------
    network : Module
        One of `lenet_helpers.model.networks`, or layers in a row.
    learning_rate : float
        The global rate, eta.
    mu : float
        Keeps the rate of a flat direction below eta / mu.

    Raises
    ------
    ValueError : `learning_rate` or `mu` is not positive.

    References
    ----------
    LeCun et al. 1998, Appendix C, eqs. 18 to 27; Becker and LeCun 1989.

    Examples
    --------
    >>> optimizer = DiagonalLevenbergMarquardt(network, learning_rate=0.0005)
    >>> optimizer.estimate_curvature(images[:500], labels[:500], loss)
    >>> loss(network(images[:1]), labels[:1]).backward()
    >>> optimizer.step()
    """

    def __init__(self, network: nn.Module, *, learning_rate: float, mu: float = MU):
        for name, value in (("learning_rate", learning_rate), ("mu", mu)):
            if not value > 0:
                raise ValueError(f"`{name}` must be above 0, got {value}.")
        self.network = network
        super().__init__(
            [p for p in network.parameters() if p.requires_grad],
            {"lr": learning_rate, "mu": mu},  # "lr": the name that schedulers change
        )

    def estimate_curvature(self, images: Tensor, labels: Tensor, loss: Loss) -> None:
        """Set h to its mean over these patterns, 500 in the paper.

        Parameters
        ----------
        images : Tensor, (N, 1, H, W)
        labels : Tensor, (N,) int64
        loss : Module, one of `lenet_helpers.model.losses`
        """
        curvatures = estimate_curvature(self.network, images, labels, loss)
        for parameter, curvature in curvatures.items():
            if parameter.requires_grad:
                self.state[parameter]["curvature"] = curvature

    def effective_rates(self) -> list[Tensor]:
        """Compute the rate of every parameter.

        Returns
        -------
        list of Tensor, each of its parameter's shape
        """
        return [
            group["lr"] / (group["mu"] + self._curvature(parameter))
            for group in self.param_groups
            for parameter in group["params"]
        ]

    def _curvature(self, parameter):
        state = self.state[parameter]
        if "curvature" not in state:
            state["curvature"] = torch.zeros_like(parameter)
        return state["curvature"]

    @torch.no_grad()
    def step(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, closure: Callable[[], Tensor] | None = None
    ) -> Tensor | None:
        """Update every parameter by equations 18 and 21.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients anew.

        Returns
        -------
        Tensor, or None without `closure`
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    rate = group["lr"] / (group["mu"] + self._curvature(parameter))
                    parameter.sub_(rate * parameter.grad)
        return loss


@torch.no_grad()
def estimate_curvature(
    network: nn.Module, images: Tensor, labels: Tensor, loss: Loss
) -> dict[nn.Parameter, Tensor]:
    """Back-propagate diagonal second derivatives, in the Gauss-Newton approximation.

    Three approximations, all the paper's: no terms off the diagonal, no f'' (so that
    nothing is negative), and a mean over a few patterns.

    Parameters
    ----------
    network : Module
        Layers in a row, each with ``propagate_curvature``.
    images : Tensor, (N, 1, H, W)
    labels : Tensor, (N,) int64
    loss : Module, one of `lenet_helpers.model.losses`

    Returns
    -------
    dict, Parameter to Tensor of its shape
        h, the mean over the N patterns of the sum over the connections that share the
        parameter.

    References
    ----------
    LeCun et al. 1998, eqs. 23 to 27. At the outputs, where the paper prints nothing,
    the loss's own derivatives.
    """
    layers: list[Any] = list(network.children())
    states = [images]
    for layer in layers:
        states.append(layer(states[-1]))
    gradient, curvature = loss.derivatives(states[-1], labels)
    curvatures = {}
    for i in reversed(range(len(layers))):
        layer = layers[i]
        curvature, sums = layer.propagate_curvature(
            states[i], states[i + 1], curvature.view_as(states[i + 1]), gradient
        )
        # The output codes may be a buffer, which needs no h.
        for parameter, total in zip(layer.parameters(), sums, strict=False):
            curvatures[parameter] = total / len(images)
    return curvatures
