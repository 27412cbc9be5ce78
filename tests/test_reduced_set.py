import pytest
import torch

from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments.published import classifiers, reduced_set

KERNEL = {"degree": 5, "scale": 100.0}


@pytest.fixture(scope="module")
def digits():
    mnist = load_mnist(source="sample")
    some = prepare_images(mnist.train_images[:900], low=0, high=1)[:, 0]
    return some[:600], mnist.train_labels[:600], some[600:]


@pytest.fixture(scope="module")
def machine(digits):
    images, labels, _ = digits
    made = classifiers.make_machine(cost=10.0, **KERNEL)
    return made.fit(images.flatten(1).numpy(), labels.numpy())


def test_weights_of_the_pairs_give_scikit_learns_decisions(digits, machine):
    tests = digits[2].flatten(1)
    vectors = torch.from_numpy(machine.support_vectors_).float()
    kernels = reduced_set.find_kernel(tests, vectors, **KERNEL)
    sums = kernels @ reduced_set.list_weights(machine)
    sums = sums + torch.from_numpy(machine.intercept_)
    machine.set_params(decision_function_shape="ovo")
    theirs = torch.from_numpy(machine.decision_function(tests.numpy()))
    torch.testing.assert_close(sums.double(), theirs, rtol=1e-3, atol=1e-3)


def find_distance(vectors, weights, few, few_weights):
    """Compute the squared distance of two sums of phi, from kernels alone."""

    def multiply(one, a, other, b):
        inner = reduced_set.find_kernel(one.double(), other.double(), **KERNEL)
        return (a.double() * (inner @ b.double())).sum()

    return (
        multiply(vectors, weights, vectors, weights)
        - 2 * multiply(few, few_weights, vectors, weights)
        + multiply(few, few_weights, few, few_weights)
    ).item()


def test_the_descent_brings_the_reduced_sums_nearer(machine):
    vectors = torch.from_numpy(machine.support_vectors_).float()
    weights = reduced_set.list_weights(machine)
    options = {"num_vectors": 40, **KERNEL}
    chosen, found = (
        find_distance(
            vectors,
            weights,
            *reduced_set.reduce(vectors, weights, num_steps=number, **options),
        )
        for number in (0, 20)
    )
    assert 0 < found < 0.6 * chosen


def test_reduced_machines_answer_nearly_as_all_support_vectors_do(digits):
    kept, few = (
        reduced_set.classify_by_reduced_machines(*digits, num_vectors=number)
        for number in (600, 60)
    )
    whole, _ = classifiers.classify_by_machines(*digits, degree=5)
    for scores, limit in ((kept[0], 0.01), (few[0], 0.1)):  # ties are broken otherwise
        assert (scores.argmax(1) != whole.argmax(1)).double().mean() < limit
    assert few[1]["memory"] == 60 * (784 + 45)


def test_the_descent_begins_with_the_largest_weights_of_either_sign():
    vectors = torch.eye(5)
    weights = torch.tensor([[-9.0], [1.0], [2.0], [0.1], [3.0]])
    few, _ = reduced_set.reduce(
        vectors, weights, degree=2, scale=1.0, num_vectors=2, num_steps=0
    )
    assert (few == vectors[[0, 4]]).all()
