import ast
import json

import nbformat
import numpy as np
import pandas as pd
import pytest
import shake
import shaken
import torch

CHAPTER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
---

```{code-cell} ipython3
import torch

value = torch.rand(1).item()
assert 0 <= value < 1
```

```{code-cell} ipython3
assert value > 2
```
"""


@pytest.fixture(autouse=True)
def no_notes():
    shaken.notes.clear()


def claim(source, **names):
    """Execute a cell as a shaken kernel does; return the notes."""
    tree = ast.fix_missing_locations(shaken.Claims().visit(ast.parse(source)))
    exec(compile(tree, "cell", "exec"), {"_note_claim": shaken.note, **names})
    return shaken.notes


def test_a_claim_that_compares_is_noted_with_its_margin():
    assert claim("assert 1 < x < 4", x=2.5) == [["1 < x < 4", 1.5]]


def test_both_sides_of_and_are_claims():
    assert claim("assert x > 1 and x == 3", x=3) == [["x > 1", 2.0]]


def test_the_smallest_margin_of_an_array_counts():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [0.5, 3.0]})
    assert claim("assert (x > 0.25).all().all()", x=frame)[0][1] == 0.25
    assert claim("assert (x < 5).all()", x=torch.tensor([1, 4]))[1][1] == 1
    assert claim("assert x.max() < 9", x=np.array([2.0, 8.5]))[2][1] == 0.5


def test_a_tensor_with_a_gradient_has_a_margin():
    weight = torch.tensor([1.0, 3.0], requires_grad=True)
    assert claim("assert (x < 5).all()", x=weight) == [["(x < 5).all()", 2.0]]


def test_a_print_that_a_kernel_sends_in_pieces_is_read_whole():
    pieces = [
        nbformat.v4.new_output("stream", text=text) for text in ('[["x', '", 1]]', "\n")
    ]
    cell = nbformat.v4.new_code_cell(outputs=pieces)
    assert json.loads(shake.read_text(cell)) == [["x", 1]]


@pytest.mark.parametrize(
    "source",
    ["assert x < 1", "assert x == 1", "assert x > 0 and x > 3", "assert not x"],
)
def test_a_claim_that_falls_still_raises(source):
    with pytest.raises(AssertionError):
        claim(source, x=2)


def test_noise_is_a_millionth_and_the_same_for_equal_seeds(monkeypatch):
    for place, names in ((torch, ("rand", "randn")), (torch.Tensor, shaken.METHODS)):
        for name in names:  # given back at the end
            monkeypatch.setattr(place, name, getattr(place, name))

    def draw():
        torch.manual_seed(0)
        return torch.nn.Linear(50, 40).weight.detach(), torch.rand(2000)

    plain = draw()
    shaken.add_noise(1000)
    noisy, again = draw(), draw()
    for before, after, other in zip(plain, noisy, again, strict=True):
        change = (after / before - 1).std().item()
        assert 0.5e-6 < change < 2e-6
        assert torch.equal(after, other)


def make_records(*margins, fallen=()):
    return [
        {"shake": i, "fallen": list(fallen), "margins": [["a < b", margin]]}
        for i, margin in enumerate(margins)
    ]


def test_a_thin_claim_is_named_and_a_safe_or_fixed_one_is_not():
    (line,) = shake.list_thin("lenet1, sample digits", make_records(1, 2, 3, 0.5))
    assert "`a < b`" in line and "1.5 times" in line
    assert shake.list_thin("lenet1", make_records(10, 11, 12, 11)) == []
    assert shake.list_thin("lenet1", make_records(1, 1, 1, 1)) == []
    assert (
        shake.list_thin("lenet1", make_records(1, 2, 0.5)) == []
    )  # no spread of three


def test_what_fell_is_named_with_how_often_and_where():
    cell = {"cell": 4, "line": "assert a < b", "error": "AssertionError: "}
    records = make_records(1, 1) + make_records(1, fallen=[cell])
    (line,) = shake.list_fallen("lenet1, all digits", records)
    assert line.startswith("lenet1, all digits, cell 4: `assert a < b` fell in 1 of 3")


def test_twenty_shakes_try_every_arithmetic():
    shakes = [shake.describe_shake(number) for number in range(20)]
    seen = {tuple(sorted(one["variables"].items())) for one in shakes}
    assert len(seen) >= 18 and len({one["noise"] for one in shakes}) == 20
    assert shakes[0]["noise"] is None


@pytest.mark.processes
def test_a_falling_claim_is_found_and_a_second_run_goes_on(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "tiny.md").write_text(CHAPTER)
    (tmp_path / "chapters" / "prose.md").write_text("No code.\n")
    monkeypatch.setattr(shake, "ROOT", tmp_path)
    monkeypatch.setattr(shake, "RECORDS", tmp_path / "records")
    options = ["--shakes", "2", "--all-shakes", "0", "--jobs", "1"]
    assert shake.main(options) == 1
    printed = capsys.readouterr().out
    assert "tiny, sample digits, cell 2: `assert value > 2` fell in 2 of 2" in printed
    (path,) = (tmp_path / "records").iterdir()
    first, second = map(json.loads, path.read_text().splitlines())
    assert (
        dict(first["margins"])["value > 2"]
        < 0
        < dict(first["margins"])["0 <= value < 1"]
    )
    assert first["margins"] != second["margins"]  # noise

    monkeypatch.setattr(shake, "execute", None)  # calling it would fail
    assert shake.main(options) == 1
