"""Networks against the counts printed in the papers."""

import pytest
import torch

from lenet_helpers import paper
from lenet_helpers.model import networks
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989

NETWORKS = (Net1989, LeNet1, LeNet4, LeNet5)
PUBLISHED = ((Net1989, paper.NET1989), (LeNet1, paper.LENET1), (LeNet5, paper.LENET5))


@pytest.mark.parametrize(("network", "counts"), PUBLISHED)
def test_every_layer_has_the_printed_size(network, counts):
    table = networks.summarize(network())
    printed = {name: pair for name, pair in counts.items() if name != "total"}
    assert list(table.index) == list(printed)
    for name, pair in printed.items():
        assert (table["connections"][name], table["parameters"][name]) == pair


@pytest.mark.parametrize(("network", "counts"), PUBLISHED)
def test_a_network_has_the_printed_totals(network, counts):
    assert networks.count_connections(network()) == counts["total"][0]
    assert networks.count_parameters(network()) == counts["total"][1]


def test_totals_are_the_well_known_ones():
    totals = [
        (networks.count_parameters(n()), networks.count_connections(n()))
        for n in (Net1989, LeNet1, LeNet5)
    ]
    assert totals == [(9_760, 64_660), (2_578, 98_442), (60_000, 340_908)]


def test_the_reconstruction_of_lenet4_meets_both_published_totals():
    connections, parameters = paper.LENET4_TOTAL
    assert networks.count_parameters(LeNet4()) == pytest.approx(parameters, rel=0.01)
    assert networks.count_connections(LeNet4()) == pytest.approx(connections, rel=0.01)
    assert sum(map(len, networks.LENET4_C3_TABLE)) == 60


def test_multiply_accumulates_leave_the_biases_out():
    assert networks.summarize(Net1989())["multiply_accumulates"].sum() == 63_660
    assert networks.summarize(LeNet5())["multiply_accumulates"].sum() == 332_824


def test_counts_follow_the_layers_and_are_not_typed_in():
    dense = LeNet5(c3_table=(range(6),) * 16)
    assert networks.count_parameters(dense) == 60_900
    assert networks.count_parameters(LeNet5(trainable_codes=True)) == 60_840


def test_tables_have_their_published_structure():
    for table, feeds in ((paper.C3_TABLE, 10), (networks.H2_TABLE, 8)):
        flat = [i for inputs in table for i in inputs]
        assert {flat.count(i) for i in flat} == {feeds}
    assert {len(inputs) for inputs in networks.H2_TABLE} == {8}
    assert sum(map(len, paper.H3_TABLE)) == 20


@pytest.mark.parametrize("network", NETWORKS)
def test_classify_takes_the_best_output(network):
    net = network()
    images = torch.randn(5, 1, net.image_size, net.image_size)
    outputs = net(images)
    assert outputs.shape == (5, 10)
    best = outputs.argmin(1) if network is LeNet5 else outputs.argmax(1)
    assert torch.equal(net.classify(images), best)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("initial", networks.INITIALS)
def test_initial_parameters_are_a_function_of_the_seed(network, initial):
    first, same, other = (network(initial=initial, seed=s) for s in (3, 3, 4))
    assert all(map(torch.equal, first.parameters(), same.parameters()))
    assert not torch.equal(next(first.parameters()), next(other.parameters()))


def test_printed_weights_lie_within_2_4_over_fan_in():
    network = LeNet5()
    bounds = {"c1": 0.096, "s2": 0.6, "s4": 0.6, "c5": 0.006, "f6": 0.02}
    for name, bound in bounds.items():
        largest = getattr(network, name).weight.abs().max().item()
        assert 0.6 * bound < largest <= bound * (1 + 1e-6)
    c3 = network.c3.weight.detach().abs()  # three inputs first, six last
    assert c3[:18].max().item() == pytest.approx(2.4 / 75, rel=0.02)
    assert c3[-6:].max().item() == pytest.approx(2.4 / 150, rel=0.02)


def test_root_weights_have_the_deviation_of_efficient_backprop():
    weight = LeNet5(initial="root").c5.weight
    assert weight.std().item() == pytest.approx(400**-0.5, rel=0.02)
    assert LeNet5(initial="root").s2.weight.eq(0.5).all()


def test_initialize_rejects_an_unknown_rule():
    with pytest.raises(ValueError, match="'xavier'"):
        LeNet1(initial="xavier")


def test_a_wide_image_gives_c5_several_columns():
    network = LeNet5()
    s4 = network.s4(network.c3(network.s2(network.c1(torch.zeros(1, 1, 32, 64)))))
    assert network.c5(s4).shape == (1, 120, 1, 9)  # P98, Figure 25: 9 columns
