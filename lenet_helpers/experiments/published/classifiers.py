"""The classifiers of Figure 9 that are no convolutional networks.

Each takes training images (N, H, W) float in [0, 1], labels (N,) int64 and test images,
and returns scores (M, 10) of the test images and its size, a dict of
``multiply_accumulates`` for an answer and ``memory``, the numbers that are kept.
"""

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from sklearn.svm import SVC
from torch.nn import functional

NUM_CLASSES = 10


def classify_linearly(images, labels, tests):
    """Fit ten weighted sums to the targets +1 and -1 by least squares."""
    weight = _fit(_add_one(images.flatten(1)), _make_targets(labels))
    return _add_one(tests.flatten(1)) @ weight, _count(weight.numel())


def classify_pairwise(images, labels, tests):
    """Fit a weighted sum to each pair of classes; a class counts its nine votes.

    The paper adds the outputs of its units and does not print how they are squashed.
    Sums as they are make 22 % errors in validation: pairs that have nothing to do with
    a digit shout the loudest. So a unit votes by its sign; squashed sums break a tie.

    References
    ----------
    LeCun et al. 1998, Sec. III-C.1.
    """
    inputs, test_inputs = _add_one(images.flatten(1)), _add_one(tests.flatten(1))
    parts = [inputs[labels == c] for c in range(NUM_CLASSES)]
    scores, num_weights = torch.zeros(len(tests), NUM_CLASSES), 0
    for i in range(NUM_CLASSES):
        for k in range(i + 1, NUM_CLASSES):
            targets = torch.cat([torch.ones(len(parts[i])), -torch.ones(len(parts[k]))])
            weight = _fit(torch.cat([parts[i], parts[k]]), targets[:, None])
            sums = (test_inputs @ weight)[:, 0]
            votes = sums.sign() + 0.01 * sums.tanh()
            scores[:, i] += votes
            scores[:, k] -= votes
            num_weights += weight.numel()
    return scores, _count(num_weights)


def classify_by_components(images, labels, tests, *, num_components=40, centred=True):
    """Fit all products of two principal components to the targets.

    Components are those of the digits' variation about their mean, and of digits from
    which the mean is taken off, unless `centred` is False.

    References
    ----------
    LeCun et al. 1998, Sec. III-C.3.
    """
    inputs = images.flatten(1)
    mean = inputs.mean(0)
    _, vectors = torch.linalg.eigh((inputs - mean).T @ (inputs - mean))
    vectors = vectors[:, -num_components:]
    rows, columns = torch.triu_indices(num_components, num_components)
    spread = ((inputs - mean) @ vectors).std(0)
    origin = mean if centred else torch.zeros_like(mean)

    def expand(pixels):
        components = (pixels.flatten(1) - origin) @ vectors / spread
        return _add_one(components[:, rows] * components[:, columns])

    weight = _fit(expand(images), _make_targets(labels))
    return expand(tests) @ weight, _count(vectors.numel() + weight.numel())


def classify_by_radial_units(images, labels, tests, *, seed, num_units=1000):
    """Fit 1000 Gaussian units, centred by k-means, to the targets.

    The width of a unit is its distance from the tenth nearest other centre.

    References
    ----------
    LeCun et al. 1998, Sec. III-C.4 (which centres its units by k-means, 100 a class).
    """
    inputs, per_class = images.flatten(1), num_units // NUM_CLASSES
    centres = []
    for c in range(NUM_CLASSES):
        # scikit-learn has no types: pyright takes those of the defaults.
        means = MiniBatchKMeans(
            per_class,
            n_init=1,  # pyright: ignore[reportArgumentType]
            batch_size=2048,
            random_state=seed,
        )
        centres.append(means.fit(inputs[labels == c].numpy()).cluster_centers_)
    centres = torch.from_numpy(np.concatenate(centres))
    widths = torch.cdist(centres, centres).sort(1).values[:, 10]

    def respond(pixels):
        squares = torch.cdist(pixels.flatten(1), centres).square()
        return _add_one(torch.exp(-squares / (2 * widths.square())))

    weight = _fit(respond(images), _make_targets(labels))
    return respond(tests) @ weight, _count(centres.numel() + weight.numel())


def classify_by_neighbours(images, labels, tests, *, num_neighbours=3):
    """Let the nearest training images vote, by Euclidean distance.

    A class's score is its votes, less a fraction that grows with the distance of its
    nearest image: between classes with as many votes, the nearer wins.
    """
    inputs = images.flatten(1)
    squares, scores = inputs.square().sum(1), []
    for part in tests.flatten(1).split(500):
        distances = squares - 2 * part @ inputs.T + part.square().sum(1, keepdim=True)
        distances = distances.clamp(min=0).sqrt()
        nearest = distances.topk(num_neighbours, largest=False).indices
        votes = functional.one_hot(labels[nearest], NUM_CLASSES).sum(1)
        by_class = torch.full((len(part), NUM_CLASSES), torch.inf)
        by_class.scatter_reduce_(1, labels.expand_as(distances), distances, "amin")
        scores.append(votes - by_class / (1 + by_class))
    return torch.cat(scores), _count(inputs.numel())


def classify_locally(images, labels, tests, *, num_neighbours=100, ridge=1.0):
    """Fit weighted sums to the nearest training images alone, for each test image anew.

    References
    ----------
    LeCun et al. 1998, Sec. III-C.10; Bottou and Vapnik 1992.
    """
    inputs, targets = _add_one(images.flatten(1)), _make_targets(labels)
    squares = inputs.square().sum(1)
    rest, scores = ridge * torch.eye(inputs.shape[1]), []
    for part in _add_one(tests.flatten(1)).split(200):
        some = (squares - 2 * part @ inputs.T).topk(num_neighbours, largest=False)
        near, wanted = inputs[some.indices], targets[some.indices]  # (n, K, F or 10)
        root = torch.linalg.cholesky(near.mT @ near + rest)
        weight = torch.cholesky_solve(near.mT @ wanted, root)
        scores.append((part[:, None] @ weight)[:, 0])
    work = inputs.numel() + num_neighbours * inputs.shape[1] ** 2
    memory = inputs.numel()
    return torch.cat(scores), {"multiply_accumulates": work, "memory": memory}


def classify_by_tangent_distance(
    images,
    labels,
    tests,
    *,
    num_candidates=200,
    smoothing=0.9,
    spring=0.01,
    num_neighbours=1,
):
    """Let the nearest training image decide, where small distortions cost nothing.

    Each image is a plane: itself, moved along seven directions (two shifts, scaling,
    rotation, two squeezes, thickness). The distance is that of two planes, with a small
    spring that holds the points on them, a share of the mean squared tangent. It is
    measured to the nearest by Euclid only. `smoothing` is the deviation in pixels of
    the Gaussian that blurs the images; of several neighbours each has a vote.

    References
    ----------
    LeCun et al. 1998, Sec. III-C.10; Simard et al. 1993.
    """
    smooth, tangents = _find_tangents(images, smoothing)
    test_smooth, test_tangents = _find_tangents(tests, smoothing)
    squares = smooth.square().sum(1)
    grams = tangents @ tangents.mT  # (N, 7, 7)
    scores, votes = torch.full((len(tests), NUM_CLASSES), -torch.inf), []
    parts = zip(
        test_smooth.split(100), test_tangents.split(100), scores.split(100), strict=True
    )
    for part, planes, score in parts:
        near = (squares - 2 * part @ smooth.T).topk(num_candidates, largest=False)
        some = near.indices  # (n, K)
        gaps = (part[:, None] - smooth[some])[..., None]  # (n, K, D, 1)
        there, here = tangents[some], planes[:, None].expand(-1, num_candidates, -1, -1)
        cross = here @ there.mT  # (n, K, 7, 7)
        own = (planes @ planes.mT)[:, None].expand_as(cross)
        upper = torch.cat([own, cross], 3)
        matrix = torch.cat([upper, torch.cat([cross.mT, grams[some]], 3)], 2)
        mean_square = matrix.diagonal(dim1=2, dim2=3).mean(-1)[..., None, None]
        pull = torch.cat([here, there], 2) @ gaps  # (n, K, 14, 1)
        moves = torch.linalg.solve(matrix + spring * mean_square * torch.eye(14), pull)
        distances = gaps.square().sum((2, 3)) - (pull * moves).sum((2, 3))
        classes = labels[some]
        score.scatter_reduce_(1, classes, -distances.clamp(min=0).sqrt(), "amax")
        closest = distances.topk(num_neighbours, largest=False).indices
        votes.append(functional.one_hot(classes.gather(1, closest), NUM_CLASSES).sum(1))
    scores[scores.isinf()] = scores[~scores.isinf()].min()  # no candidate of the class
    if num_neighbours > 1:  # a vote counts more than any difference of distances
        scores += (scores.max() - scores.min()) * torch.cat(votes)
    size = smooth.shape[1]
    work = smooth.numel() + num_candidates * (2 * 7 * size + 14**3 // 3)
    return scores, {
        "multiply_accumulates": work,
        "memory": smooth.numel() + tangents.numel(),
    }


def _find_tangents(images, smoothing):
    """Smooth images, (N, H, W), and differentiate by seven distortions.

    Returns
    -------
    smooth : Tensor, (N, H * W)
    tangents : Tensor, (N, 7, H * W)
    """
    steps = torch.arange(-3, 4, dtype=images.dtype)
    bell = torch.exp(-steps.square() / (2 * smoothing**2))
    slope = -steps / smoothing**2 * bell
    bell, slope = bell / bell.sum(), slope / bell.sum()

    def blur(down, across):
        kernel = (down[:, None] * across[None]).flip(0, 1)[None, None]
        return functional.conv2d(images[:, None], kernel, padding=3)[:, 0]

    smooth = blur(bell, bell)
    dy, dx = blur(slope, bell), blur(bell, slope)
    height, width = images.shape[1:]
    y = (torch.arange(height) - (height - 1) / 2)[:, None]
    x = (torch.arange(width) - (width - 1) / 2)[None]
    tangents = torch.stack(
        [
            dx,
            dy,
            x * dx + y * dy,
            y * dx - x * dy,
            x * dx - y * dy,
            y * dx + x * dy,
            dx.square() + dy.square(),
        ],
        1,
    )
    return smooth.flatten(1), tangents.flatten(2)


def classify_by_machines(
    images,
    labels,
    tests,
    *,
    degree,
    shifts=((0, 0),),
    cost=10.0,
    scale=100.0,
    against="another class",
):
    """Fit support vector machines; the kernel is (x y / scale + 1)^degree.

    The paper has a machine a class, against the rest. Here each pair of classes has
    one, and the pairs vote, which takes minutes where the other takes hours, unless
    `against` is "the rest". With more than one shift, the machines are fitted again, to
    their support vectors moved by each of them: virtual support vectors.

    References
    ----------
    LeCun et al. 1998, Sec. III-C.11.
    """
    fit = _fit_to_rest if against == "the rest" else _fit_pairs
    options = {"degree": degree, "cost": cost, "scale": scale}
    support, decide = fit(images, labels, **options)
    if len(shifts) > 1:
        moved = torch.cat([images[support].roll(shift, (1, 2)) for shift in shifts])
        images, labels = moved, labels[support].repeat(len(shifts))
        support, decide = fit(images, labels, **options)
    scores = decide(tests.flatten(1).numpy())
    return torch.from_numpy(scores), _count(len(support) * images[0].numel())


def make_machine(*, degree, cost, scale):
    """Make a support vector machine with the kernel (x y / scale + 1)^degree."""
    # As above, scikit-learn has no types.
    return SVC(
        C=cost,
        kernel="poly",
        degree=degree,
        gamma=1 / scale,  # pyright: ignore[reportArgumentType]
        coef0=1.0,
        cache_size=2000,
    )


def _fit_pairs(images, labels, **options):
    """Fit a machine to each pair; give the support vectors' places and the scores."""
    machine = make_machine(**options).fit(images.flatten(1).numpy(), labels.numpy())
    return machine.support_, machine.decision_function


def _fit_to_rest(images, labels, **options):
    """Fit a machine to each class and the rest, as `_fit_pairs`."""
    inputs = images.flatten(1).numpy()
    machines = [
        make_machine(**options).fit(inputs, (labels == c).numpy())
        for c in range(NUM_CLASSES)
    ]
    support = np.unique(np.concatenate([machine.support_ for machine in machines]))

    def decide(tests):
        return np.stack([machine.decision_function(tests) for machine in machines], 1)

    return support, decide


def _add_one(inputs):
    """Append the bias's input, (N, F) to (N, F + 1)."""
    return torch.cat([inputs, torch.ones(len(inputs), 1)], 1)


def _make_targets(labels):
    return 2.0 * functional.one_hot(labels, NUM_CLASSES) - 1


def _fit(inputs, targets):
    """Solve least squares, with a ridge that only keeps dead pixels harmless."""
    inputs, targets = inputs.double(), targets.double()
    gram = inputs.T @ inputs
    gram += 1e-6 * gram.diagonal().mean() * torch.eye(len(gram), dtype=torch.float64)
    return torch.linalg.solve(gram, inputs.T @ targets).float()


def _count(number):
    return {"multiply_accumulates": number, "memory": number}
