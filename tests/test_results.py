"""What `results/` holds: weights give the stored errors, a retrained part agrees."""

import pandas as pd
import pytest
import safetensors.torch

from lenet_helpers import load_mnist, paper, prepare_images, trained
from lenet_helpers.experiments.comparing import MEASURES, assert_within_spread
from lenet_helpers.experiments.for_figures import sliding_amounts
from lenet_helpers.experiments.published import (
    causes,
    figure5,
    figure6,
    figure9,
    recipe,
    tried,
)
from lenet_helpers.experiments.store import (
    NAMES,
    RESULTS,
    digest_data,
    list_runs,
    read_results,
)
from lenet_helpers.experiments.strings import amounts, protocol
from lenet_helpers.experiments.today import deeper, deviations, league, modern, speedrun
from lenet_helpers.judging import judge_scores, score_network
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.model.today import DeeperLeNet
from lenet_helpers.strings.amounts import make_amounts
from lenet_helpers.strings.sliding import SlidingNetwork

STORED = [name for name in NAMES if list_runs(name)[1]]


@pytest.fixture(scope="module")
def mnist():
    mnist = load_mnist()
    if mnist.is_sample:
        pytest.skip("results/ is of all of MNIST, and only the sample is here.")
    return mnist


def pick(name, **configuration):
    frame = read_results(name)
    for key, value in configuration.items():
        frame = frame[frame[key] == value]
    return frame.sort_values("seed")


class Stop(Exception):
    pass


def stop_after_a_pass(monkeypatch, module):
    def stop(error_rates):
        raise Stop(*error_rates)

    monkeypatch.setattr(module, "report_pass", stop)


@pytest.mark.parametrize("name", STORED)
def test_rows_are_whole_and_of_one_mnist(name, mnist):
    frame = read_results(name)
    if "levels" in frame:  # of `pruning`: several of a run, and none by chance
        judged = pd.DataFrame(frame["levels"].explode().tolist())["test_error_rate"]
        judged = judged.dropna()
    else:
        judged = frame[next(measure for measure in MEASURES if measure in frame)]
    assert judged.between(0, 1).all() and len(judged)
    assert set(frame["data"].str[-16:]) == {digest_data()[-16:]}
    assert frame[["seed", "seconds", "versions", "commit"]].notna().all(axis=None)
    if "missed" in frame:
        rates = frame["missed"].map(len) / len(mnist.test_labels)
        assert rates.tolist() == pytest.approx(frame["test_error_rate"].tolist())


def assert_gives(network, path, images, labels, row):
    assert path.stat().st_size < 256_000
    network.load_state_dict(safetensors.torch.load_file(path))
    judged = judge_scores(score_network(network.eval(), images), labels)
    assert judged["missed"] == row["missed"]
    assert judged["answers"] == row["answers"]


def test_weights_of_the_windows_give_the_stored_errors():
    (row,) = (
        read_results("windows").query("seed == 0 and noise == 0").to_dict("records")
    )
    system = SlidingNetwork(protocol.load_start("windows", 0))
    measured = protocol.judge(system, protocol.draw_test_lines())
    # Another processor rounds otherwise, and a line may hang on that.
    assert len(set(measured["missed_lines"]) ^ set(row["missed_lines"])) <= 5
    assert measured["digit_error_rate"] == pytest.approx(
        row["digit_error_rate"], abs=2e-4
    )


def test_weights_that_slide_over_amounts_give_the_stored_errors(mnist):
    (row,) = read_results("sliding_amounts").to_dict("records")
    lines = make_amounts(mnist.test_images, mnist.test_labels, number=2000, seed=203)
    measured = amounts.count_errors(sliding_amounts.load_reader(), lines)
    for name, rate in measured.items():
        assert rate == pytest.approx(row[name], abs=0.002)


@pytest.mark.parametrize(
    "kind", ["net1989", "lenet1", "lenet5", "figure5", "modern", "deeper"]
)
def test_weights_give_the_stored_errors(kind, mnist):
    built = trained.NETWORKS | {"figure5": LeNet5, "deeper": DeeperLeNet}
    network = built[kind]()
    images = network.prepare(mnist.test_images)
    rows = {
        "figure5": lambda: pick("figure5", **figure5.BEST),
        "modern": lambda: pick("modern", seed=0),
        "deeper": lambda: pick("deeper", seed=0),
    }.get(kind, lambda: pick("replay", network=kind))()
    assert len(rows)
    for _, row in rows.iterrows():
        stem = f"figure5-{row['seed']}" if kind == "figure5" else kind
        folder = trained.FOLDER if kind in trained.NETWORKS else RESULTS
        path = folder / f"{stem}.safetensors"
        assert_gives(network, path, images, mnist.test_labels, row)


@pytest.mark.parametrize("budget", league.SHAPES)
def test_weights_of_the_league_give_the_stored_errors(budget, mnist):
    network = league.build(league.SHAPES[budget], seed=0)
    path = RESULTS / f"league-{budget}.safetensors"
    (row,) = pick("league", budget=budget, seed=0).to_dict("records")
    images = prepare_images(mnist.test_images)
    assert_gives(network, path, images, mnist.test_labels, row)


@pytest.mark.compiled
@pytest.mark.parametrize("reading", [figure5.CURVE, figure5.BEST])
def test_a_first_pass_of_figure5_agrees(reading, mnist):
    images = prepare_images(mnist.train_images, size=32)
    options = dict(reading, learning_rates=paper.LEARNING_RATES[:1])
    network = LeNet5(initial=options.pop("initial"), seed=0)
    history = recipe.train_by_reading(
        network, images, mnist.train_labels, seed=0, **options
    )
    stored = pick("figure5", **reading)["training_error_rate_by_pass"].str[0]
    assert_within_spread(history["training_error_rate"].iloc[0], stored)


@pytest.mark.compiled
def test_a_first_pass_of_recipe_agrees(mnist):
    training, _ = mnist.split_indices(seed=0)
    images = prepare_images(mnist.train_images[training], size=32)
    reading = dict(figure5.BEST)
    options = dict(reading, learning_rates=paper.LEARNING_RATES[:1])
    network = LeNet5(initial=options.pop("initial"), seed=0)
    labels = mnist.train_labels[training]
    history = recipe.train_by_reading(network, images, labels, seed=0, **options)
    stored = pick("recipe", **reading)["training_error_rate_by_pass"].str[0]
    assert_within_spread(history["training_error_rate"].iloc[0], stored)


@pytest.mark.compiled
def test_the_first_passes_of_figure6_agree(mnist, monkeypatch):
    monkeypatch.setattr(paper, "LEARNING_RATES", paper.LEARNING_RATES[:2])
    run = figure6.run(0, num_digits=15_000, distorted=False)
    stored = pick("figure6", num_digits=15_000)["training_error_rate_by_pass"]
    for epoch, value in enumerate(run["training_error_rate_by_pass"]):
        assert_within_spread(value, stored.str[epoch])


@pytest.mark.parametrize("classifier", ["linear", "pairwise linear"])
def test_classifiers_of_figure9_give_their_errors_again(classifier, mnist):
    run = figure9.run(0, classifier=classifier, digits="plain")
    (stored,) = pick("figure9", classifier=classifier, digits="plain")[
        "test_error_rate"
    ]
    assert run["test_error_rate"] == pytest.approx(stored, abs=5e-4)


def test_a_cause_gives_its_error_again(mnist):
    configuration = {"classifier": "40 PCA + quadratic", "digits": "plain"}
    run = causes.run(0, **configuration, change="mean digit left in")
    (stored,) = pick("causes", **configuration)["test_error_rate"]
    assert run["test_error_rate"] == pytest.approx(stored, abs=5e-4)


def test_a_trial_of_the_machines_gives_its_error_again(mnist):
    settings = {"digits": "deslanted", "one_length": True}
    run = tried.run(0, choice="SVM poly 4", **settings)
    rows = pick("tried", choice="SVM poly 4", **settings)
    (stored,) = rows.loc[rows["against"].isna(), "validation_error_rate"]
    assert run["validation_error_rate"] == pytest.approx(stored, abs=5e-4)


def test_a_first_pass_of_deviations_agrees(mnist, monkeypatch):
    stop_after_a_pass(monkeypatch, deviations)
    images = prepare_images(mnist.train_images, size=32)
    network = deviations.build_network("none", seed=0)
    with pytest.raises(Stop) as stopped:
        deviations.train(network, images, mnist.train_labels, "none", seed=0)
    stored = pick("deviations", change="none")["training_error_rate_by_pass"].str[0]
    assert_within_spread(stopped.value.args[0], stored)


@pytest.mark.parametrize("module", [modern, deeper])
def test_a_first_pass_of_networks_of_today_agrees(module, mnist, monkeypatch):
    stop_after_a_pass(monkeypatch, modern)
    train = modern.train

    def train_in_float32(*arguments, **how):
        return train(*arguments, **how | {"is_half": False})

    # A processor that cannot count in bfloat16 takes many times as long for it.
    monkeypatch.setattr(modern, "train", train_in_float32)
    (configuration,) = module.CONFIGURATIONS
    with pytest.raises(Stop) as stopped:
        module.run(0, **configuration)
    name = module.__name__.rpartition(".")[2]
    stored = pick(name)["training_error_rate_by_pass"].str[0]
    assert_within_spread(stopped.value.args[0], stored)


def test_a_first_pass_of_the_league_agrees(mnist, monkeypatch):
    stop_after_a_pass(monkeypatch, modern)
    with pytest.raises(Stop) as stopped:
        league.run(0, budget=2_578)
    stored = pick("league", budget=2_578)["training_error_rate_by_pass"].dropna()
    assert_within_spread(stopped.value.args[0], stored.str[0])


def test_the_speedrun_reaches_its_error_again(mnist):
    run = speedrun.run(0, mark=99.0)
    stored = pick("speedrun", mark=99.0)["test_error_rate"]
    assert_within_spread(run["test_error_rate"], stored)


def test_every_row_of_figure9_is_planned_or_has_its_reason():
    frame = read_results("figure9")
    measured = set(zip(frame["classifier"], frame["digits"], strict=True))
    planned = {(c["classifier"], c["digits"]) for c in figure9.CONFIGURATIONS}
    missing = set(paper.FIGURE_9) - planned
    assert measured <= planned
    assert {name for name, _ in missing} == {"LeNet-5"}
    assert "`figure5`" in figure9.__doc__
