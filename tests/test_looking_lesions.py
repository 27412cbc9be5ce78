"""Lesions against networks whose weights are set to 0, and means by hand."""

import copy

import pytest
import torch

from lenet_helpers import load_mnist
from lenet_helpers.experiments import store
from lenet_helpers.experiments.looking import lesions as experiment
from lenet_helpers.experiments.looking.protocol import load_lenet5
from lenet_helpers.looking import lesions
from lenet_helpers.model.networks import LeNet1, LeNet5


@pytest.fixture(scope="module")
def network():
    return LeNet5(initial="root", seed=0)


@pytest.fixture(scope="module")
def images():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(40, 1, 32, 32, generator=generator)


def test_layers_run_one_after_the_other(network, images):
    states = lesions.compute_states(network, images, "s4")
    assert torch.equal(states, network.s4(network.c3(network.s2(network.c1(images)))))
    whole = lesions.run_layers(network, states, after="s4")
    assert torch.allclose(whole, network(images))
    assert torch.equal(lesions.run_layers(network, images, until="s4"), states)


@pytest.mark.parametrize("key", ["after", "until"])
def test_an_unknown_layer_is_named(network, images, key):
    with pytest.raises(ValueError, match=f"`{key}` must be one of c1, .*'c9'"):
        lesions.run_layers(network, images, **{key: "c9"})


def test_means_are_of_each_unit(network, images, monkeypatch):
    monkeypatch.setattr(lesions, "CHUNK", 7)
    means = lesions.find_means(network, images, "c1")
    assert torch.allclose(means, network.c1(images).mean(0), atol=1e-6)


def test_holding_changes_one_part_of_a_copy():
    states, means = torch.ones(2, 3, 2, 2), torch.full((3, 2, 2), 5.0)
    held = lesions.hold(states, 1, means)
    assert held[:, 1].eq(5).all() and held[:, [0, 2]].eq(1).all()
    assert lesions.hold(states, 1, None)[:, 1].eq(0).all()
    assert states.eq(1).all()


def test_a_unit_of_f6_at_0_is_a_unit_without_weights(network, images):
    answers = lesions.classify_without(network, images, "f6")
    assert answers.shape == (84, 40)
    for unit in (0, 50):
        changed = copy.deepcopy(network)
        changed.f6.weight.data[unit], changed.f6.bias.data[unit] = 0, 0
        assert torch.equal(answers[unit], changed.classify(images))


def test_scores_that_are_no_penalties_are_answered_by_the_largest():
    network = LeNet1(initial="root", seed=0)
    images = torch.rand(20, 1, 28, 28)
    answers = lesions.classify_without(network, images, "h1")
    changed = copy.deepcopy(network)
    changed.h1.weight.data[2], changed.h1.bias.data[2] = 0, 0
    assert torch.equal(answers[2], changed.classify(images))


def test_a_cut_link_is_a_kernel_of_zeros(network, images):
    nothing = torch.zeros(6, 14, 14)
    answers = lesions.classify_without_links(network, images, "c3", means=nothing)
    assert len(answers) == 60
    for link in (0, 33, 59):
        changed = copy.deepcopy(network)
        changed.c3.weight.data[link] = 0
        assert torch.equal(answers[link], changed.classify(images))


def test_a_link_at_the_mean_reads_the_mean_map(network, images):
    means = lesions.find_means(network, images, "s2")
    answers = lesions.classify_without_links(network, images, "c3", means=means)
    link = 20  # of a map that reads four
    target, source = network.c3.links[:, link].tolist()
    states = lesions.compute_states(network, images, "s2")
    read = states.clone()
    read[:, source] = means[source]
    c3 = network.c3(states)
    c3[:, target] = network.c3(read)[:, target]
    expected = lesions.run_layers(network, c3, after="c3").argmin(1)
    assert torch.equal(answers[link], expected)


@pytest.mark.parametrize("layer", ["c1", "s2", "c9"])
def test_only_a_table_has_links(network, images, layer):
    with pytest.raises(ValueError, match="`layer` must be a MapConvolution"):
        lesions.classify_without_links(
            network, images, layer, means=torch.zeros(6, 14, 14)
        )


def test_lesions_cost_what_is_stored():
    rows = store.read_results("lesions")
    if load_mnist().is_sample:
        pytest.skip("results/ is of all of MNIST, and only the sample is here.")
    network = load_lenet5(0)
    mnist = load_mnist()
    zeros = mnist.test_images[mnist.test_labels == 0]
    means = lesions.find_means(
        network, network.prepare(mnist.train_images[: experiment.NUM_MEAN]), "c1"
    )
    answers = lesions.classify_without(
        network, network.prepare(zeros), "c1", means=means
    )
    row = rows.query("part == 'c1' and seed == 0").iloc[0]
    stored = [by_class[0] for by_class in row["errors_by_part_and_class"]]
    assert (answers != 0).sum(1).tolist() == pytest.approx(stored, abs=1)
