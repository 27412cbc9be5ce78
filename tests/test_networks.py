"""Networks against the counts printed in the papers."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from lenet_helpers import paper
from lenet_helpers.model import networks
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989
from lenet_helpers.model.today import DeeperLeNet, ModernLeNet

NETWORKS = (Net1989, LeNet1, LeNet4, LeNet5)
OF_TODAY = (ModernLeNet, DeeperLeNet)
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


@pytest.mark.parametrize("network", NETWORKS + OF_TODAY)
def test_the_largest_score_is_the_answer(network):
    net = network().eval()
    images = torch.randn(5, 1, net.image_size, net.image_size)
    outputs = net(images)
    assert outputs.shape == (5, 10)
    assert torch.equal(net.scores(images), -outputs if network is LeNet5 else outputs)
    best = outputs.argmin(1) if network is LeNet5 else outputs.argmax(1)
    assert torch.equal(net.classify(images), best)


@pytest.mark.parametrize(
    ("network", "rows", "low", "high"),
    [
        (Net1989, 12, -1, 1),  # of the digits' 20, where the field of 28 is 16
        (LeNet1, 16, -1, 1),
        (LeNet4, 20, -0.1, 1.175),
        (LeNet5, 20, -0.1, 1.175),
        (ModernLeNet, 20, -0.1, 1.175),
        (DeeperLeNet, 20, -0.1, 1.175),
    ],
)
def test_a_network_prepares_digits_of_its_size_and_range(network, rows, low, high):
    pixels = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    pixels[0, :, 4:24, 4:24] = 255
    images = network.prepare(pixels)
    assert images.shape == (2, 1, network.image_size, network.image_size)
    assert network()(images).shape == (2, 10)
    ranges = images.amin().item(), images.amax().item()
    assert ranges == pytest.approx((low, high), abs=1e-6)
    assert torch.allclose(images[1], torch.tensor(float(low)), atol=1e-6)
    middle = images[0, 0, :, network.image_size // 2]
    inked = (middle > (low + high) / 2).nonzero()
    assert len(inked) == rows
    assert inked.min() + inked.max() == network.image_size - 1


def test_titles_tell_networks_apart():
    assert len({network.title for network in NETWORKS + OF_TODAY}) == 6


def build_old_form(kind):
    """Build the networks of today as the rows of layers that they were trained as."""
    if kind is ModernLeNet:
        layers = [
            nn.Conv2d(1, 16, 5),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 5),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(512, 84),
            nn.BatchNorm1d(84),
            nn.ReLU(),
            nn.Linear(84, 10),
        ]
    else:
        layers = []
        for maps, more_maps, size in (
            (1, 24, 5),
            (24, 40, 3),
            (40, 40, 3),
            (40, 48, 3),
        ):
            convolution = nn.Conv2d(
                maps, more_maps, size, padding=size // 2, bias=False
            )
            layers += [convolution, nn.BatchNorm2d(more_maps), nn.ReLU()]
            if more_maps != 40 or maps == 40:  # not between the two of 40
                layers.append(nn.MaxPool2d(2))
        layers += [nn.Flatten(), nn.Linear(432, 10)]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


@pytest.mark.parametrize("kind", OF_TODAY)
def test_a_network_of_today_is_the_row_of_layers_that_was_trained(kind):
    torch.manual_seed(7)
    old, new = build_old_form(kind), kind(seed=7)
    states = (old.state_dict(), new.state_dict())
    assert [k.rpartition(".")[2] for k in states[0]] == [
        k.rpartition(".")[2] for k in states[1]
    ]
    assert all(map(torch.equal, *(state.values() for state in states)))
    images = torch.rand(64, 1, 28, 28)
    assert torch.equal(old(images), new(images))  # and the running means
    assert torch.equal(old.eval()(images), new.eval()(images))


def test_building_a_network_of_today_leaves_the_callers_random_numbers_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    ModernLeNet(seed=0)
    assert torch.equal(torch.rand(3), expected)


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


@pytest.mark.parametrize("network", NETWORKS + OF_TODAY)
@pytest.mark.parametrize(
    "change",
    [
        lambda images: images[0],  # no batch
        lambda images: images.permute(0, 2, 3, 1),  # maps last
        lambda images: images.expand(-1, 3, -1, -1),
        lambda images: images[..., 4:],
        lambda images: functional.pad(images, (2, 2, 2, 2)),
        lambda images: images[:, 0],
    ],
)
def test_images_of_another_shape_are_refused_in_words(network, change):
    net, size = network(), network.image_size
    images = change(torch.zeros(5, 1, size, size))
    wanted = rf"`images` of {network.__name__} must be \(N, 1, {size}, {size}\), got"
    for read in (net, net.scores, net.classify):
        with pytest.raises(ValueError, match=wanted) as error:
            read(images)
        assert str(tuple(images.shape)) in str(error.value)


def test_images_that_nobody_prepared_are_refused():
    pixels = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"prepared, got torch.uint8: use `LeNet1"):
        LeNet1()(pixels)


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(nn.Conv2d(1, 4, 5)),
        nn.Sequential(LeNet1()),
        nn.ModuleList([LeNet1()]),
        nn.Linear(2, 2),
        ModernLeNet(),
    ],
)
def test_a_network_that_cannot_count_itself_is_told(network):
    for count in (networks.summarize, networks.count_connections):
        with pytest.raises(ValueError, match="Net1989, LeNet1, LeNet4 or LeNet5") as e:
            count(network)
        assert type(network).__name__ in str(e.value)


def test_a_network_whose_image_size_was_changed_is_told():
    network = LeNet5()
    network.image_size = 64
    with pytest.raises(ValueError, match=r"`image_size`, 64: its layer f6 gets"):
        networks.summarize(network)


def test_frozen_and_half_networks_are_counted_as_they_are():
    network = LeNet1().half()
    assert networks.count_connections(network) == paper.LENET1["total"][0]
    network.h1.requires_grad_(False)
    assert networks.count_parameters(network) == 2_578 - 104
    assert networks.summarize(network)["parameters"]["h1"] == 0
