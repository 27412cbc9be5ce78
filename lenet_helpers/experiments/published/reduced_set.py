"""The reduced-set machine of Figure 9: few new vectors in place of support vectors.

A support vector machine decides by the sign of w . phi(x) + b, where w is the sum of
alpha_i phi(x_i) over its support vectors. The reduced set approximates w by the sum of
beta_k phi(z_k) over fewer vectors z_k, which need not be digits. They are found by
descent on the squared distance of the two sums, which needs kernels alone. Here the 45
machines of the pairs of classes share the vectors and differ in beta.

References
----------
LeCun et al. 1998, Sec. III-C.11; Burges and Schoelkopf 1997.
"""

import itertools

import numpy as np
import torch

from lenet_helpers.experiments.published.classifiers import NUM_CLASSES, make_machine

NUM_VECTORS = 784  # each with 784 pixels and 45 weights: the paper's 650 thousand
NUM_STEPS = 30
RIDGE = 1e-6  # of the mean K(z, z), so that the weights of two equal z can be found
PAIRS = tuple(itertools.combinations(range(NUM_CLASSES), 2))


def classify_by_reduced_machines(
    images, labels, tests, *, num_vectors=NUM_VECTORS, num_steps=NUM_STEPS, **kernel
):
    """Fit a machine to each pair of classes, reduce them, and let the pairs vote.

    Parameters
    ----------
    images, labels, tests
        As in `classifiers`.
    num_vectors, num_steps : int
        As for `reduce`.
    **kernel
        ``degree``, ``cost`` and ``scale``, as for `classifiers.classify_by_machines`.

    Returns
    -------
    scores : Tensor, (M, 10)
        Votes; squashed sums break a tie, as in `classifiers.classify_pairwise`.
    size : dict
        ``multiply_accumulates`` and ``memory``: of the kernels, then of the 45 sums.
    """
    kernel = {"degree": 5, "cost": 10.0, "scale": 100.0} | kernel
    machine = make_machine(**kernel).fit(images.flatten(1).numpy(), labels.numpy())
    few, weights = reduce(
        torch.from_numpy(machine.support_vectors_).float(),
        list_weights(machine),
        degree=kernel["degree"],
        scale=kernel["scale"],
        num_vectors=num_vectors,
        num_steps=num_steps,
    )
    kernels = find_kernel(tests.flatten(1), few, kernel["degree"], kernel["scale"])
    sums = kernels @ weights + torch.from_numpy(machine.intercept_).float()
    scores = torch.zeros(len(tests), NUM_CLASSES)
    for (i, k), votes in zip(PAIRS, (sums.sign() + 0.01 * sums.tanh()).T, strict=True):
        scores[:, i] += votes
        scores[:, k] -= votes
    number = few.numel() + weights.numel()
    return scores, {"multiply_accumulates": number, "memory": number}


def find_kernel(one, other, degree, scale):
    """Compute (x y / scale + 1)^degree for all pairs, (N, F), (M, F) to (N, M)."""
    return (one @ other.T / scale + 1) ** degree


def list_weights(machine):
    """Give each support vector's alpha in the machine of each pair, or 0.

    Parameters
    ----------
    machine : SVC, fitted to the classes 0 to 9
        It keeps, for a support vector of class i, a row for each other class.

    Returns
    -------
    Tensor, (n, 45) float32, in the order of `PAIRS`; the sum is above 0 for the first.
    """
    ends = np.cumsum(machine.n_support_)
    starts = ends - machine.n_support_
    weights = np.zeros((ends[-1], len(PAIRS)), np.float32)
    for column, (i, k) in enumerate(PAIRS):
        first, second = slice(starts[i], ends[i]), slice(starts[k], ends[k])
        weights[first, column] = machine.dual_coef_[k - 1, first]
        weights[second, column] = machine.dual_coef_[i, second]
    return torch.from_numpy(weights)


def reduce(vectors, weights, *, degree, scale, num_vectors, num_steps):
    """Find fewer vectors whose sums of phi are nearest to the ones given.

    For vectors z the best weights solve K(z, z) beta = K(z, x) alpha, so that the
    descent, by L-BFGS, is over z alone. It begins with the support vectors that have
    the largest weights.

    Parameters
    ----------
    vectors : Tensor, (n, F)
    weights : Tensor, (n, P)
        Of P sums.
    degree, scale
        Of `find_kernel`.
    num_vectors, num_steps : int

    Returns
    -------
    Tensors, (num_vectors, F) and (num_vectors, P)
    """
    largest = weights.abs().sum(1).topk(min(num_vectors, len(vectors))).indices
    few = vectors[largest].clone().requires_grad_()

    def solve():
        inner = find_kernel(few, few, degree, scale).double()
        ridge = RIDGE * inner.diagonal().mean() * torch.eye(len(few)).double()
        target = (find_kernel(few, vectors, degree, scale) @ weights).double()
        return torch.linalg.solve(inner + ridge, target), target

    def descend():
        optimizer.zero_grad()
        few_weights, target = solve()
        loss = -(target * few_weights).sum()  # the squared distance, but for a constant
        loss.backward()
        return loss

    optimizer = torch.optim.LBFGS(
        [few], max_iter=num_steps, history_size=10, line_search_fn="strong_wolfe"
    )
    optimizer.step(descend)
    with torch.no_grad():
        return few.detach(), solve()[0].float()
