"""What `shake.py` does inside a chapter's kernel: noise, and notes of every claim."""

import ast
import contextlib
import functools
import json

import numpy as np
import torch

NOISE = 1e-6
draw_noise = torch.randn  # as it is before `add_noise`
notes = []


def add_noise(seed):
    """Change all numbers drawn at random, of which weights are made, by a millionth.

    The change is the same where seed and number of elements are the same, so equal
    seeds of a chapter still give equal weights.

    Parameters
    ----------
    seed : int
    """

    def shake(values):
        if values.is_floating_point() and values.is_leaf:
            generator = torch.Generator().manual_seed(seed + values.numel())
            noise = draw_noise(values.shape, generator=generator, dtype=torch.float64)
            with torch.no_grad():
                values.mul_((1 + NOISE * noise).to(values))
        return values

    for place, names in ((torch, ("rand", "randn")), (torch.Tensor, METHODS)):
        for name in names:
            draw = getattr(place, name)

            def shaken(*args, draw=draw, **options):
                return shake(draw(*args, **options))

            setattr(place, name, functools.wraps(draw)(shaken))


METHODS = ("uniform_", "normal_")


def note_claims(shell):
    """Let the kernel note how far each claim that compares is from falling.

    Parameters
    ----------
    shell : InteractiveShell
    """
    shell.user_ns["_note_claim"] = note
    shell.ast_transformers.append(Claims())


class Claims(ast.NodeTransformer):
    """Turn ``assert a < b`` into ``assert _note_claim("a < b", a, "<", b)``."""

    def visit_Assert(self, node):
        """Split what `and` joins, and hand comparisons to `note`."""
        tests = [node.test]
        if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And):
            tests = node.test.values
        claims = [
            ast.copy_location(ast.Assert(test=hand_over(test), msg=node.msg), node)
            for test in tests
        ]
        return [ast.fix_missing_locations(claim) for claim in claims]


def hand_over(test):
    """Write the call of `note` for a comparison, perhaps with ``.all()`` behind it."""
    inner = test
    while (
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Attribute)
        and inner.func.attr == "all"
        and not inner.args
    ):
        inner = inner.func.value
    operators = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    if not isinstance(inner, ast.Compare) or not any(
        isinstance(operator, operators) for operator in inner.ops
    ):
        return test
    parts = [ast.Constant(ast.unparse(test)), inner.left]
    for operator, right in zip(inner.ops, inner.comparators, strict=True):
        compare = ast.Compare(ast.Name("a"), [operator], [ast.Name("b")])
        parts += [ast.Constant(ast.unparse(compare)[2:-2]), right]
    return ast.Call(ast.Name("_note_claim", ast.Load()), parts, [])


def note(text, *parts):
    """Compare, and note the smallest margin: how far the claim is from falling.

    Parameters
    ----------
    text : str
        The claim.
    *parts
        Values and operators in turn: ``0.1, "<", x, "<", 0.2``.

    Returns
    -------
    bool
        Whether the claim holds, of all elements where values are arrays.
    """
    holds, margins = True, []
    for i in range(0, len(parts) - 1, 2):
        left, operator, right = parts[i : i + 3]
        holds &= bool(np.all(np.asarray(COMPARE[operator](left, right))))
        with contextlib.suppress(TypeError):  # what cannot be subtracted has no margin
            gap = right - left if operator[0] == "<" else left - right
            if isinstance(gap, torch.Tensor):
                gap = gap.detach()
            if operator[0] in "<>":
                margins.append(float(np.min(np.asarray(gap))))
    if margins:
        notes.append([text, min(margins)])
    return holds


COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def print_notes():
    """Print the notes, for `shake.py` to read."""
    print(json.dumps(notes))
