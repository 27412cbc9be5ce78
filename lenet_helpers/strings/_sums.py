"""Penalties summed along paths and over paths, with their backward passes."""

import numpy as np
import torch

from lenet_helpers.strings import _kernels


class AddAlong(torch.autograd.Function):
    """Give each path's penalty; its gradient goes to the path's arcs."""

    @staticmethod
    def forward(ctx, penalties, sums, arcs, first):
        ctx.save_for_backward(torch.from_numpy(arcs), torch.from_numpy(np.diff(first)))
        ctx.num_arcs = len(penalties)
        return torch.from_numpy(sums).to(penalties.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        arcs, lengths = ctx.saved_tensors
        shares = gradient.new_zeros(ctx.num_arcs)
        shares[arcs] = gradient.repeat_interleave(lengths)
        return shares, None, None, None


class AddPaths(torch.autograd.Function):
    """The forward penalty and its backward pass, both compiled."""

    @staticmethod
    def forward(ctx, penalties, graph):
        values = penalties.detach().double().numpy()
        ctx.graph, ctx.values, ctx.dtype = graph, values, penalties.dtype
        ctx.node_penalties = _kernels.add_paths(
            graph.order, graph.sources, graph.destinations, values,
            graph.starts, graph.first_node[-1],
        )  # fmt: skip
        return torch.from_numpy(ctx.node_penalties[graph.ends]).to(penalties.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        graph = ctx.graph
        shares = _kernels.share_gradient(
            graph.order, graph.sources, graph.destinations, ctx.values,
            ctx.node_penalties, graph.ends, gradient.double().numpy(),
            graph.first_node[-1],
        )  # fmt: skip
        return torch.from_numpy(shares).to(ctx.dtype), None
