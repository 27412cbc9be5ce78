"""Grammars: what a reading may say, and what it is turned into on the way.

A grammar is a machine of states and rules (p. 31 of LeCun et al. 1998 calls it
a grammar graph, or a transducer where input and output differ). Unlike a graph of
readings it may go round in cycles and end in several states.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lenet_helpers.strings import _kernels

NULL = -1  # the label that says nothing


@dataclass(frozen=True, eq=False)
class Grammar:
    """One or more grammars: states, and rules that lead from state to state.

    Parameters
    ----------
    sources, destinations : (R,) int64
        The states that each rule joins; a grammar's states have successive numbers.
    inputs, outputs : (R,) int64
        The label that a rule takes and the one that it puts out; `NULL` is none.
    penalties : Tensor, (R,)
    is_final : (S,) bool
        Whether a reading may end in the state.
    starts : (B,) int64
    first_state : (B + 1,) int64
        A grammar's states are those from one entry to before the next.

    References
    ----------
    LeCun et al. 1998, p. 31-33.
    """

    sources: np.ndarray
    destinations: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    penalties: Tensor
    is_final: np.ndarray
    starts: np.ndarray
    first_state: np.ndarray

    @classmethod
    def from_rules(
        cls, rules: Iterable[tuple], *, finals: Iterable[int], start: int = 0
    ) -> "Grammar":
        """Make a grammar from its rules.

        Parameters
        ----------
        rules : iterable of tuple
            (source, destination, input), or with an output behind it, or with output
            and penalty. Without an output it is the input.
        finals : iterable of int
            The states in which a reading may end.
        start : int

        Raises
        ------
        ValueError : a rule without an input leaves a final state; no final state; a
            penalty that is not finite.
        """
        whole = []
        for source, destination, taken, *more in rules:
            output, penalty = [*more, *(taken, 0.0)[len(more) :]]
            whole.append((source, destination, taken, output, penalty))
        columns = list(zip(*whole, strict=True)) if whole else [()] * 5
        sources, destinations, inputs, outputs = (
            np.array(column, np.int64) for column in columns[:4]
        )
        penalties = torch.tensor(columns[4], dtype=torch.float64)
        finals = np.array(list(finals), np.int64)
        states = np.concatenate([sources, destinations, finals, [start]])
        num_states = 1 + int(states.max())
        is_final = np.zeros(num_states, bool)
        is_final[finals] = True
        _check(sources, destinations, inputs, penalties, is_final)
        return cls(
            sources, destinations, inputs, outputs, penalties, is_final,
            np.array([start]), np.array([0, num_states]),
        )  # fmt: skip

    @classmethod
    def spell(cls, strings: Sequence[Sequence[int]]) -> "Grammar":
        """Make a grammar a string, which accepts that string alone.

        Parameters
        ----------
        strings : sequence of B sequences of int

        Returns
        -------
        Grammar
            B grammars.
        """
        lengths = np.array([len(string) for string in strings], np.int64)
        labels = np.array([label for string in strings for label in string], np.int64)
        first_state = np.concatenate([[0], np.cumsum(lengths + 1)])
        is_final = np.zeros(first_state[-1], bool)
        is_final[first_state[1:] - 1] = True
        sources = np.flatnonzero(~is_final)
        penalties = torch.zeros(len(labels), dtype=torch.float64)
        return cls(
            sources, sources + 1, labels, labels, penalties, is_final,
            first_state[:-1], first_state,
        )  # fmt: skip

    @classmethod
    def from_list(cls, strings: Iterable[Sequence[int]]) -> "Grammar":
        """Make a grammar that accepts the strings of a list (a lexicon), as a tree.

        Raises
        ------
        ValueError : the list is empty.
        """
        children: dict[tuple[int, int], int] = {}
        finals = set()
        for string in strings:
            state = 0
            for label in string:
                state = children.setdefault((state, int(label)), len(children) + 1)
            finals.add(state)
        rules = [(state, to, label) for (state, label), to in children.items()]
        return cls.from_rules(rules, finals=finals)

    def __len__(self) -> int:
        """Count the grammars."""
        return len(self.starts)

    @property
    def rules_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each state's rules begin, (S + 1,), and the rules by state, (R,)."""
        return _kernels.group(self.sources, self.first_state[-1])


def build_character_model(num_classes: int = 10) -> Grammar:
    """Build the model that reads a sliding network's row of answers.

    A character may last for several places; between two characters there is at least
    one blank. The first of a character's places puts it out, the rest say nothing.

    Parameters
    ----------
    num_classes : int
        The labels of the characters are below it; it is that of the blank.

    References
    ----------
    LeCun et al. 1998, p. 28-29, which prints neither states nor penalties.
    """
    blank = num_classes
    rules = [(0, 0, blank, NULL)]
    for label in range(num_classes):
        inside = label + 1
        rules += [(0, inside, label, label), (inside, inside, label, NULL)]
        rules.append((inside, 0, blank, NULL))
    return Grammar.from_rules(rules, finals=range(num_classes + 1))


def _check(sources, destinations, inputs, penalties, is_final):
    if not is_final.any():
        raise ValueError(
            "A grammar must have a state in which a reading may end: `finals` is empty."
        )
    if min(sources.min(initial=0), destinations.min(initial=0)) < 0:
        raise ValueError("States must be numbered from 0.")
    silent = sources[(inputs == NULL) & is_final[sources]]
    if len(silent):
        raise ValueError(
            f"A rule without an input leaves the final state {silent[0]}: a reading"
            " could not tell whether it has ended. Let it leave a state before."
        )
    if not penalties.isfinite().all():
        raise ValueError(f"Penalties must be finite, got {penalties.tolist()}.")
