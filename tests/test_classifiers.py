import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments.published import classifiers


@pytest.fixture(scope="module")
def digits():
    mnist = load_mnist(source="sample")
    pixels = [mnist.train_images, mnist.test_images[:200]]
    images, tests = (prepare_images(x, size=16, low=0, high=1)[:, 0] for x in pixels)
    return (images, mnist.train_labels, tests), mnist.test_labels[:200]


def find_error_rate(scores, labels):
    return (scores.argmax(1) != labels).double().mean().item()


@pytest.mark.parametrize(
    ("classify", "limit"),
    [
        (classifiers.classify_linearly, 0.25),
        (classifiers.classify_pairwise, 0.2),
        (classifiers.classify_by_components, 0.1),
        (classifiers.classify_by_neighbours, 0.1),
        (classifiers.classify_locally, 0.1),
        (classifiers.classify_by_tangent_distance, 0.08),
    ],
)
def test_a_classifier_learns(classify, limit, digits):
    sets, labels = digits
    scores, size = classify(*sets)
    assert scores.shape == (len(labels), 10) and scores.isfinite().all()
    assert find_error_rate(scores, labels) < limit
    assert size["memory"] > 0 and size["multiply_accumulates"] > 0


def test_machines_learn_and_shifted_support_vectors_do_not_harm(digits):
    (images, labels, tests), test_labels = digits
    sets = images[:1000], labels[:1000], tests
    plain, size = classifiers.classify_by_machines(*sets, degree=4)
    moved, larger = classifiers.classify_by_machines(
        *sets, degree=4, shifts=((0, 0), (0, 1), (1, 0))
    )
    assert find_error_rate(plain, test_labels) < 0.15
    assert find_error_rate(moved, test_labels) < 0.15
    assert larger["memory"] > size["memory"]


def test_radial_units_depend_on_the_seed_alone(digits):
    sets, labels = digits
    runs = [
        classifiers.classify_by_radial_units(*sets, seed=seed, num_units=100)[0]
        for seed in (0, 0, 1)
    ]
    assert find_error_rate(runs[0], labels) < 0.12
    torch.testing.assert_close(runs[0], runs[1])
    assert not torch.allclose(runs[0], runs[2])


def test_neighbours_vote_as_scikit_learn_has_them(digits):
    (images, labels, tests), _ = digits
    scores, _ = classifiers.classify_by_neighbours(images, labels, tests)
    reference = KNeighborsClassifier(3).fit(images.flatten(1), labels)
    votes = reference.predict_proba(tests.flatten(1).numpy()) * 3
    best = torch.from_numpy(votes).topk(2).values
    is_clear = best[:, 0] > best[:, 1]
    theirs = torch.from_numpy(votes).argmax(1)
    assert is_clear.sum() > 150
    assert torch.equal(scores.argmax(1)[is_clear], theirs[is_clear])


def test_size_of_the_linear_classifier_is_the_papers():
    images = torch.rand(50, 28, 28)
    _, size = classifiers.classify_linearly(images, torch.arange(50) % 10, images[:2])
    assert size == {"multiply_accumulates": 7850, "memory": 7850}


def test_a_small_shift_costs_little_tangent_distance():
    def draw(column):
        image = torch.zeros(16, 16)
        image[3:13, column : column + 2] = 1
        return image

    # A bar moved by a pixel is nearer to the bar than a cross that shares more ink.
    cross = draw(7)
    cross[7:9, 5:11] = 0.6
    images, labels = torch.stack([draw(6), cross]), torch.tensor([1, 4])
    tests = draw(7)[None]
    options = {"num_candidates": 2}
    scores, _ = classifiers.classify_by_tangent_distance(
        images, labels, tests, **options
    )
    euclid = (images - tests).square().sum((1, 2))
    assert euclid[1] < euclid[0]
    assert scores[0, 1] > scores[0, 4]
