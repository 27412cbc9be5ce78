import pytest

from lenet_helpers.experiments import __main__ as command
from lenet_helpers.experiments import comparing, store

STORED = [name for name in store.NAMES if store.list_runs(name)[1]]
RATES = [0.010, 0.011, 0.012]  # mean 0.011, standard deviation 0.001


def record(folder, rates, change="none"):
    for seed, rate in enumerate(rates):
        row = {"change": change, "seed": seed, "test_error_rate": rate}
        store.record("deviations", row, folder=folder)


def test_a_run_agrees_within_four_standard_deviations():
    comparing.assert_within_spread(0.0149, RATES)
    with pytest.raises(AssertionError, match=r"0\.0151 is further than 0\.0040"):
        comparing.assert_within_spread(0.0151, RATES)


def test_seeds_that_happen_to_agree_leave_room_for_five_digits():
    assert comparing.find_bound([0.01, 0.01, 0.01]) == pytest.approx(0.002)


def test_runs_are_compared_with_those_of_their_configuration(tmp_path):
    stored, again = tmp_path / "stored", tmp_path / "again"
    record(stored, RATES)
    record(stored, [0.5, 0.5], change="ReLU")
    record(again, [0.012, 0.020])
    frame = comparing.compare_results("deviations", again, stored=stored)
    assert frame["agrees"].tolist() == [True, False]
    assert frame["stored"].tolist() == pytest.approx([1.0, 1.1])
    assert frame["mean"].tolist() == pytest.approx([1.1, 1.1])


def test_a_configuration_that_is_not_stored_does_not_agree(tmp_path):
    record(tmp_path / "stored", RATES)
    record(tmp_path / "again", RATES[:1], change="softmax")
    frame = comparing.compare_results(
        "deviations", tmp_path / "again", stored=tmp_path / "stored"
    )
    assert frame["agrees"].tolist() == [False] and frame["stored"].isna().all()


@pytest.mark.parametrize(
    ("rates", "status", "words"),
    [(RATES, 0, "3 of 3 runs agree"), ([0.05], 1, "NO"), ([], 1, "0 of 0 runs")],
)
def test_the_command_fails_unless_all_that_was_run_agrees(
    rates, status, words, tmp_path, capsys
):
    stored, again = tmp_path / "stored", tmp_path / "again"
    record(stored, RATES)
    record(again, rates)
    with pytest.raises(SystemExit) as stop:
        command.main(["--compare", str(again), "--results", str(stored)])
    assert stop.value.code == status
    printed = capsys.readouterr().out
    assert words in printed and "Not in both folders: recipe" in printed


def test_stored_results_agree_with_themselves():
    for name in STORED:
        frame = comparing.compare_results(name, store.RESULTS)
        assert frame["agrees"].all() and len(frame) == len(store.read_results(name))
        assert (frame["stored"] == frame["again"]).all()
