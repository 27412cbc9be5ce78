"""The loop over mini-batches, on numbers worked out by hand."""

import pytest
import torch
from torch import nn

from lenet_helpers.training.batches import draw_orders, train_in_batches

IMAGES = torch.tensor([[1.0], [2.0], [4.0]])
LABELS = torch.tensor([0, 0, 1])


def make_network():
    """One weight that starts at 1: its output is the image's number."""
    network = nn.Linear(1, 1, bias=False)
    nn.init.ones_(network.weight)
    return network


def train(network, images=IMAGES, labels=LABELS, **change):
    arguments = {
        "orders": [torch.tensor([2, 0, 1])],
        "batch_size": 2,
        "loss": lambda outputs, classes: outputs.mean(),
        "optimizer": torch.optim.SGD(network.parameters(), lr=0.1),
    }
    return train_in_batches(network, images, labels, **(arguments | change))


def test_each_batch_is_a_step_in_the_order_given():
    network, seen = make_network(), []

    def forward(some):
        seen.append(some.flatten().tolist())
        return network(some)

    train(network, orders=[torch.tensor([2, 0, 1])] * 2)
    assert network.weight.item() == pytest.approx(1 - 2 * 0.1 * (2.5 + 2))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    orders = [torch.tensor([2, 0, 1]), torch.tensor([1])]
    train_in_batches(
        forward,
        IMAGES,
        LABELS,
        orders=orders,
        batch_size=2,
        loss=lambda outputs, classes: outputs.mean(),
        optimizer=optimizer,
    )
    assert seen == [[4.0, 1.0], [2.0], [2.0]]


def test_errors_are_counted_before_a_batch_is_learnt_from():
    # The answer is 1 where the output is above 3: right for all three at weight 1.
    def answer(outputs):
        return (outputs[:, 0] > 3).long()

    still, moving = make_network(), make_network()
    optimizer = torch.optim.SGD(moving.parameters(), lr=100.0)
    assert train(still, answer=answer, batch_size=3) == [0.0]
    # The first batch turns the weight to -249: from then on it errs on the 4 alone.
    rates = train(
        moving,
        answer=answer,
        optimizer=optimizer,
        orders=[torch.tensor([2, 0, 1]), torch.tensor([2, 0, 1])],
    )
    assert rates == [0.0, pytest.approx(1 / 3, abs=1e-6)]


def test_the_hooks_are_called_after_each_step_and_each_pass():
    network, called = make_network(), []
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    train(
        network,
        orders=[torch.arange(3)] * 2,
        optimizer=optimizer,
        schedule=schedule,
        answer=lambda outputs: torch.zeros(len(outputs)),
        on_step=lambda: called.append(optimizer.param_groups[0]["lr"]),
        on_pass=lambda error_rates: called.append(list(error_rates)),
    )
    third = round(1 / 3, 6)
    assert called == [0.05, 0.025, [third], 0.0125, 0.00625, [third, third]]


def test_images_may_come_pass_by_pass():
    network, asked = make_network(), []

    def show(epoch):
        asked.append(epoch)
        return IMAGES * (epoch + 1), LABELS

    train(network, show, None, orders=[torch.arange(3)] * 2, batch_size=3)
    assert asked == [0, 1]
    assert network.weight.item() == pytest.approx(1 - 0.1 * 7 / 3 * 3)


def test_a_tensor_without_labels_is_refused():
    with pytest.raises(ValueError, match="`labels` must be given"):
        train(make_network(), labels=None)


def test_an_order_is_drawn_when_its_pass_begins():
    """Draws of the pass before, such as distortions, come from the same generator."""
    generator = torch.Generator().manual_seed(0)
    orders = draw_orders(9, num_epochs=2, generator=generator)
    found = [next(orders), torch.rand(3, generator=generator), next(orders)]
    generator.manual_seed(0)
    assert torch.equal(found[0], torch.randperm(9, generator=generator))
    assert torch.equal(found[1], torch.rand(3, generator=generator))
    assert torch.equal(found[2], torch.randperm(9, generator=generator))
    assert next(orders, None) is None
