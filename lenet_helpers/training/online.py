"""The papers' training, one pattern an update, at full speed.

The PyTorch networks and `curvature.DiagonalLevenbergMarquardt` are the readable
reference; this computes the same numbers, compiled, one thread a network.
"""

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import joblib
import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from lenet_helpers.paper import MU, NUM_CURVATURE_PATTERNS
from lenet_helpers.training._checks import check_choices, check_networks, check_set
from lenet_helpers.training._program import Program
from lenet_helpers.training._reader import has_a_reader
from lenet_helpers.training.curvature import Loss

CHUNK = 500  # patterns between two looks at what may stop the training
COLUMNS = ["seed", "epoch", "learning_rate", "smallest_rate", "largest_rate"]
COLUMNS += ["training_loss", "training_error_rate"]


def train_online(
    networks: nn.Module | Sequence[nn.Module],
    images: Tensor | Callable[[int], tuple[Tensor, Tensor]],
    labels: Tensor | None = None,
    *,
    loss: Loss,
    learning_rates: Sequence[float],
    optimizer: str = "sdlm",
    mu: float = MU,
    num_curvature_patterns: int = NUM_CURVATURE_PATTERNS,
    order: str = "constant",
    seeds: Sequence[int] | None = None,
    evaluate: Mapping[str, tuple[Tensor, Tensor]] | None = None,
    num_threads: int | None = None,
    progress: bool | None = None,
    on_pass: Callable[[nn.Module, dict], None] | None = None,
) -> pd.DataFrame:
    """Train networks on one pattern an update, side by side, in place.

    The same call gives the same numbers on one machine, whatever the number of threads
    and of networks. A Ctrl-C or kernel interrupt ends it after the patterns in hand:
    the networks keep what they have learnt and the history holds the passes that were
    completed. An error in one network, or in `images` or `on_pass`, ends it too; then
    the networks also keep what they have learnt.

    Parameters
    ----------
    networks : Module or sequence of Module
        All of one class of `model.networks`. float32, or float64 for checks. A frozen
        parameter stays as it is.
    images : Tensor, (N, 1, H, W); or callable
        A callable gives a pass its images and labels: of the number of the pass, from
        0, as many each time. Each network calls it for itself, in its own thread.
    labels : Tensor, (N,) of integers; None where `images` is callable
    loss : Module, one of `lenet_helpers.model.losses`
    learning_rates : sequence of float
        The global rate of each pass; its length is the number of passes.
    optimizer : {"sdlm", "sgd"}
        Stochastic diagonal Levenberg-Marquardt, with h estimated before each pass, or
        plain gradient descent.
    mu : float
        For "sdlm".
    num_curvature_patterns : int
        How many patterns h is the mean over: new ones, at random, each pass.
    order : {"constant", "reshuffled", "given"}
        One random order for all passes, as in 1989 and 1998; a new one each pass; or as
        the images come (then h is of the first patterns, as in a check by hand).
    seeds : sequence of int, optional
        Of the order and of the patterns for h, one a network; by default 0, 1, 2...
    evaluate : dict, name to (images, labels), optional
        Sets to classify after each pass, such as ``{"validation": (...)}``.
    num_threads : int, optional
        By default as many as there are networks, and cores that this process may use.
    progress : bool, optional
        Show a bar. By default in a terminal or JupyterLab, and not in a built page.
    on_pass : callable, optional
        Called after each pass with the network, as it is then, and its row of the
        history, a dict.

    Returns
    -------
    DataFrame
        A row a network and pass: ``seed``, ``epoch`` (from 1), ``learning_rate``,
        ``smallest_rate`` and ``largest_rate`` (effective, of a parameter),
        ``training_loss`` and ``training_error_rate`` (means over the pass, each pattern
        judged before it is learnt from), ``<name>_error_rate`` for each set to
        evaluate, ``seconds`` (since the start). A run that diverges has NaN there.

    Raises
    ------
    ValueError : an argument is not among those named, or sizes do not fit; a label is
        not a class; an image has values that are not finite.
    TypeError : `loss` or a layer is of another module; images are not floats or labels
        not integers.

    References
    ----------
    LeCun et al. 1998, Sec. III-B and Appendix C.
    """
    networks = [networks] if isinstance(networks, nn.Module) else list(networks)
    seeds = list(range(len(networks))) if seeds is None else list(seeds)
    check_networks(networks, seeds)
    check_choices(loss, optimizer, mu, num_curvature_patterns, order, num_threads)
    programs = [Program(network) for network in networks]
    sets = {
        name: _Patterns.prepare(programs[0], *pair, f'`evaluate["{name}"]`: images')
        for name, pair in (evaluate or {}).items()
    }
    plan = _Plan(
        show=_make_show(programs[0], images, labels),
        loss=loss,
        learning_rates=[float(rate) for rate in learning_rates],
        optimizer=optimizer,
        mu=mu,
        num_curvature_patterns=num_curvature_patterns,
        order=order,
        sets=sets,
        on_pass=on_pass,
        bar=tqdm(
            unit=" patterns",
            disable=not (has_a_reader() if progress is None else progress),
            mininterval=0.5,
        ),
    )
    num_threads = num_threads or min(len(networks), joblib.cpu_count())
    try:
        rows = _train_side_by_side(programs, seeds, plan, num_threads)
    finally:
        for program in programs:
            program.write_back()
    names = [f"{name}_error_rate" for name in sets]
    return pd.DataFrame(rows, columns=[*COLUMNS, *names, "seconds"])


@dataclasses.dataclass(frozen=True)
class _Patterns:
    """Images and labels, checked, and as the compiled loops read them."""

    images: Tensor  # (N, 1, H, W)
    labels: Tensor  # (N,) int64
    rows: np.ndarray  # (N, M)

    @classmethod
    def prepare(cls, program, images, labels, name="`images`"):
        labels = check_set(
            images,
            labels,
            size=program.network.image_size,
            num_classes=program.num_classes,
            name=name,
        )
        return cls(images, labels, program.lay_out(images))


@dataclasses.dataclass(frozen=True)
class _Plan:
    """What the networks of a call share."""

    show: Callable  # of the number of a pass, from 0, to its _Patterns
    loss: Loss
    learning_rates: list
    optimizer: str
    mu: float
    num_curvature_patterns: int
    order: str
    sets: dict  # name to _Patterns
    on_pass: Callable | None
    bar: tqdm
    stop: threading.Event = dataclasses.field(default_factory=threading.Event)
    started: float = dataclasses.field(default_factory=time.perf_counter)


def _make_show(
    program: Program,
    images: Tensor | Callable[[int], tuple[Tensor, Tensor]],
    labels: Tensor | None,
) -> Callable[[int], _Patterns]:
    """Give a callable from the number of a pass to its _Patterns."""
    if isinstance(images, Tensor):
        patterns = _Patterns.prepare(program, images, labels)
        return lambda epoch: patterns
    if not callable(images):
        raise TypeError(
            f"`images` must be a tensor or callable, got a {type(images).__name__}."
        )
    if labels is not None:
        raise ValueError("`labels` come from `images` where it is callable: pass None.")

    def show(epoch):
        shown, classes = images(epoch)
        return _Patterns.prepare(program, shown, classes, "`images(epoch)`")

    return show


def _train_side_by_side(programs, seeds, plan, num_threads):
    """Train each network in a thread; return the rows of all, network by network.

    An interrupt stops them, and so does an exception, which is then raised.
    """
    with (
        plan.bar,
        _one_torch_thread,
        ThreadPoolExecutor(num_threads) as executor,
    ):
        futures = [
            executor.submit(_train, program, seed, plan)
            for program, seed in zip(programs, seeds, strict=True)
        ]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        except KeyboardInterrupt:
            pass
        finally:
            plan.stop.set()
        wait(futures)
        for future in futures:
            future.result()  # raises what stopped the others
    return [row for future in futures for row in future.result()]


def _train(program, seed, plan):
    """Train one network; return its rows of the history."""
    generator = torch.Generator().manual_seed(seed)
    rows, order = [], None
    for epoch, learning_rate in enumerate(plan.learning_rates):
        patterns = plan.show(epoch)
        number = len(patterns.labels)
        if order is not None and len(order) != number:
            raise ValueError(
                f"`images(epoch)` must give as many each pass ({len(order)}), got"
                f" {number} in pass {epoch}."
            )
        if plan.order == "given":
            order = torch.arange(number)
        elif order is None or plan.order == "reshuffled":
            order = torch.randperm(number, generator=generator)
        rates = _choose_rates(program, learning_rate, patterns, plan, generator)
        sums = _show_all(program, patterns, order.numpy(), rates, plan)
        if sums is None:
            return rows
        row = {
            "seed": seed,
            "epoch": epoch + 1,
            "learning_rate": learning_rate,
            "smallest_rate": float(rates[: program.num_trained].min()),
            "largest_rate": float(rates[: program.num_trained].max()),
            "training_loss": sums[0] / number,
            "training_error_rate": sums[1] / number,
        }
        for name, others in plan.sets.items():
            wrong = program.classify(others.rows) != others.labels.numpy()
            row[f"{name}_error_rate"] = float(wrong.mean())
        rows.append(row | {"seconds": time.perf_counter() - plan.started})
        if plan.on_pass is not None:
            program.write_back()
            plan.on_pass(program.network, rows[-1])
    return rows


def _choose_rates(program, learning_rate, patterns, plan, generator):
    """Give every parameter its rate in the pass to come."""
    rates = program.make_rates(learning_rate)
    if plan.optimizer == "sgd":
        return rates
    number = len(patterns.labels)
    some = torch.arange(min(plan.num_curvature_patterns, number))
    if plan.order != "given":
        some = torch.randperm(number, generator=generator)[: len(some)]
    h = program.estimate_curvature(
        patterns.images[some], patterns.labels[some], plan.loss
    )
    rates[: program.num_trained] = learning_rate / (plan.mu + h)
    return rates


def _show_all(program, patterns, order, rates, plan):
    """Train for one pass; return the sum of losses and the errors, None if stopped."""
    labels, loss_sum, num_errors = patterns.labels.numpy(), 0.0, 0
    for part in np.split(order, range(CHUNK, len(order), CHUNK)):
        if plan.stop.is_set():
            return None
        sums = program.train(patterns.rows, labels, part, rates, plan.loss)
        loss_sum, num_errors = loss_sum + sums[0], num_errors + sums[1]
        plan.bar.update(len(part))
    return loss_sum, num_errors


class _OneTorchThread:
    """Let PyTorch use one thread, while any call of `train_online` runs.

    The rounding of h depends on the number of threads. The number belongs to the whole
    process, so the first call to come sets it and the last to go gives it back.
    """

    def __init__(self):
        self._lock, self._num_calls, self._before = threading.Lock(), 0, 1

    def __enter__(self):
        with self._lock:
            if not self._num_calls:
                self._before = torch.get_num_threads()
                torch.set_num_threads(1)
            self._num_calls += 1

    def __exit__(self, *exception):
        with self._lock:
            self._num_calls -= 1
            if not self._num_calls:
                torch.set_num_threads(self._before)


_one_torch_thread = _OneTorchThread()
