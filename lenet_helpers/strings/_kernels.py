"""The compiled inner loops of `graphs`: over arrays of arcs, many graphs in one call.

Sums are not reordered (no fastmath), so that a cached and a fresh compilation agree.
"""

import math

import numpy as np
from numba import njit

compiled = njit(nogil=True, cache=True)


@compiled
def sort_arcs(sources, destinations, num_nodes):
    """Order the arcs by their destination's place in a topological order.

    Returns
    -------
    order : (A,) int64
        Arcs into one node lie together; all arcs into a node come before all arcs that
        leave it. Empty where there is a cycle.
    on_cycle : int
        A node on or behind a cycle, or -1.
    """
    num_arcs = len(sources)
    first, by_source = group(sources, num_nodes)
    first_in, by_destination = group(destinations, num_nodes)
    waiting = np.zeros(num_nodes, np.int64)
    for arc in range(num_arcs):
        waiting[destinations[arc]] += 1
    ready = np.empty(num_nodes, np.int64)
    num_ready = 0
    for node in range(num_nodes):
        if waiting[node] == 0:
            ready[num_ready] = node
            num_ready += 1
    order = np.empty(num_arcs, np.int64)
    num_ordered = 0
    done = 0
    while done < num_ready:
        node = ready[done]
        done += 1
        for place in range(first_in[node], first_in[node + 1]):
            order[num_ordered] = by_destination[place]
            num_ordered += 1
        for place in range(first[node], first[node + 1]):
            other = destinations[by_source[place]]
            waiting[other] -= 1
            if waiting[other] == 0:
                ready[num_ready] = other
                num_ready += 1
    if num_ready < num_nodes:
        for node in range(num_nodes):
            if waiting[node] > 0:
                return order[:0], node
    return order, -1


@compiled
def find_ends(sources, destinations, first_node):
    """Find the one start and the one end of each graph.

    Returns
    -------
    starts, ends : (B,) int64
    faulty : int
        A graph that has not one of each; else -1. Two nodes
        without arcs are a graph without a path.
    """
    num_graphs = len(first_node) - 1
    num_in = np.zeros(first_node[-1], np.int64)
    num_out = np.zeros(first_node[-1], np.int64)
    for arc in range(len(sources)):
        num_out[sources[arc]] += 1
        num_in[destinations[arc]] += 1
    starts, ends = first_node[:-1].copy(), first_node[1:] - 1
    for b in range(num_graphs):
        low, high = first_node[b], first_node[b + 1]
        num_starts, num_ends = 0, 0
        for node in range(low, high):
            if num_in[node] == 0:
                starts[b] = node
                num_starts += 1
            if num_out[node] == 0:
                ends[b] = node
                num_ends += 1
        if high - low == 2 and num_starts == 2 and num_ends == 2:
            starts[b], ends[b] = low, low + 1
        elif num_starts != 1 or num_ends != 1:
            return starts, ends, b
    return starts, ends, -1


@compiled
def group(nodes, num_nodes):
    """Sort arcs by a node: those of node n are by[first[n] : first[n + 1]]."""
    first = np.zeros(num_nodes + 1, np.int64)
    for node in nodes:
        first[node + 1] += 1
    for node in range(num_nodes):
        first[node + 1] += first[node]
    place = first[:-1].copy()
    by = np.empty(len(nodes), np.int64)
    for arc in range(len(nodes)):
        by[place[nodes[arc]]] = arc
        place[nodes[arc]] += 1
    return first, by


@compiled
def find_shortest(order, sources, destinations, penalties, starts, num_nodes):
    """Equation 10: each node's least penalty, and the arc that gives it (or -1)."""
    least = np.full(num_nodes, np.inf)
    best = np.full(num_nodes, -1)
    least[starts] = 0.0
    for arc in order:
        penalty = penalties[arc] + least[sources[arc]]
        node = destinations[arc]
        if penalty < least[node]:
            least[node] = penalty
            best[node] = arc
    return least, best


@compiled
def trace_back(best, sources, ends):
    """Follow the best arcs from each end to its start.

    Returns
    -------
    arcs : (total,) int64
        All paths, one behind the other, each from its start on.
    first : (B + 1,) int64
        Where each path begins in `arcs`.
    """
    first = np.zeros(len(ends) + 1, np.int64)
    for b in range(len(ends)):
        arc = best[ends[b]]
        while arc >= 0:
            first[b + 1] += 1
            arc = best[sources[arc]]
    for b in range(len(ends)):
        first[b + 1] += first[b]
    arcs = np.empty(first[-1], np.int64)
    for b in range(len(ends)):
        place = first[b + 1]
        arc = best[ends[b]]
        while arc >= 0:
            place -= 1
            arcs[place] = arc
            arc = best[sources[arc]]
    return arcs, first


@compiled
def add_paths(order, sources, destinations, penalties, starts, num_nodes):
    """Equations 13, 14: the forward penalty of each node; infinite without a path."""
    forward = np.full(num_nodes, np.inf)
    forward[starts] = 0.0
    begin = 0
    while begin < len(order):
        node = destinations[order[begin]]
        end = begin
        least = np.inf
        while end < len(order) and destinations[order[end]] == node:
            arc = order[end]
            least = min(least, penalties[arc] + forward[sources[arc]])
            end += 1
        if least < np.inf:
            total = 0.0
            for place in range(begin, end):
                arc = order[place]
                total += math.exp(least - penalties[arc] - forward[sources[arc]])
            forward[node] = least - math.log(total)
        begin = end
    return forward


@compiled
def share_gradient(
    order, sources, destinations, penalties, forward, ends, gradient, num_nodes
):
    """Equations 15 and 16: dE/dc of each arc, from dE/df of each end, backwards."""
    node_gradient = np.zeros(num_nodes)
    arc_gradient = np.zeros(len(order))
    node_gradient[ends] = gradient
    for place in range(len(order) - 1, -1, -1):
        arc = order[place]
        source, node = sources[arc], destinations[arc]
        if node_gradient[node] != 0.0 and forward[source] < np.inf:
            share = math.exp(forward[node] - penalties[arc] - forward[source])
            arc_gradient[arc] = node_gradient[node] * share
            node_gradient[source] += arc_gradient[arc]
    return arc_gradient


@compiled
def pass_tokens(
    destinations, labels, first_arc, arcs_out, first_node, starts, ends,
    rule_destinations, rule_inputs, first_rule, rules_out, first_state, rule_starts,
    is_final, null,
):  # fmt: skip
    """Compose each graph with its grammar, by the paper's Figure 29 without recursion.

    A token stands on a node of the graph and on a state of the grammar at once. It
    moves along an arc and a rule that agree, or along a null of either alone.

    Returns
    -------
    moves : (4, M) int64
        Of each move: the token that it starts from, the token that it reaches, the arc
        and the rule, -1 where one stands still.
    first_token : (B + 1,) int64
        A graph's tokens have successive numbers. The first is its start; the second is
        its end, where all tokens at the graph's end in a final state meet.
    """
    moves = np.empty((4, 2 * len(destinations) + 16), np.int64)
    num_moves = 0
    first_token = np.zeros(len(starts) + 1, np.int64)
    for b in range(len(starts)):
        g = min(b, len(rule_starts) - 1)
        num_states = first_state[g + 1] - first_state[g]
        origin = first_node[b] * num_states + first_state[g]
        number = np.full((first_node[b + 1] - first_node[b]) * num_states, -1, np.int32)
        places = np.empty((len(number) + 2, 2), np.int64)
        places[0, 0], places[0, 1] = starts[b], rule_starts[g]
        number[starts[b] * num_states + rule_starts[g] - origin] = 0
        num_tokens, token = 2, 0
        while token < num_tokens:
            node, state = places[token]
            # After the arcs one turn without: the graph stands, the grammar has nulls.
            for turn in range(first_arc[node], first_arc[node + 1] + 1):
                arc = arcs_out[turn] if turn < first_arc[node + 1] else -1
                label = labels[arc] if arc >= 0 else null
                node_to = destinations[arc] if arc >= 0 else node
                low, high = first_rule[state], first_rule[state + 1]
                if arc >= 0 and label == null:
                    low, high = -1, 0  # the grammar stands, the graph has a null
                for place in range(low, high):
                    rule = rules_out[place] if place >= 0 else -1
                    if rule >= 0 and rule_inputs[rule] != label:
                        continue
                    state_to = rule_destinations[rule] if rule >= 0 else state
                    reached = 1
                    if node_to != ends[b] or not is_final[state_to]:
                        key = node_to * num_states + state_to - origin
                        if number[key] < 0:
                            number[key] = num_tokens
                            places[num_tokens] = node_to, state_to
                            num_tokens += 1
                        reached = number[key]
                    if num_moves == moves.shape[1]:
                        moves = np.concatenate((moves, np.empty_like(moves)), axis=1)
                    moves[0, num_moves] = first_token[b] + token
                    moves[1, num_moves] = first_token[b] + reached
                    moves[2, num_moves], moves[3, num_moves] = arc, rule
                    num_moves += 1
            token += 2 if token == 0 else 1  # the end has no moves
        first_token[b + 1] = first_token[b] + num_tokens
    return moves[:, :num_moves].copy(), first_token


@compiled
def drop_dead_ends(moves, first_token):
    """Keep what lies on a way to the end, and number the tokens anew.

    Returns
    -------
    moves : (4, kept) int64
    first_token : (B + 1,) int64
        Start and end of each graph stay, as its numbers 0 and 1.
    """
    num_tokens = first_token[-1]
    first_in, moves_in = group(moves[1], num_tokens)
    is_alive = np.zeros(num_tokens, np.bool_)
    waiting = np.empty(num_tokens, np.int64)
    renumbered = np.empty(num_tokens, np.int64)
    first = np.zeros_like(first_token)
    for b in range(len(first_token) - 1):
        start, end = first_token[b], first_token[b] + 1
        is_alive[end] = True
        waiting[0] = end
        num_waiting = 1
        while num_waiting > 0:
            num_waiting -= 1
            token = waiting[num_waiting]
            for place in range(first_in[token], first_in[token + 1]):
                other = moves[0, moves_in[place]]
                if not is_alive[other]:
                    is_alive[other] = True
                    waiting[num_waiting] = other
                    num_waiting += 1
        count = first[b]
        for token in range(start, first_token[b + 1]):
            if is_alive[token] or token == start:
                renumbered[token] = count
                count += 1
        first[b + 1] = count
    kept = np.empty_like(moves)
    num_kept = 0
    for move in range(moves.shape[1]):
        if is_alive[moves[0, move]] and is_alive[moves[1, move]]:
            kept[0, num_kept] = renumbered[moves[0, move]]
            kept[1, num_kept] = renumbered[moves[1, move]]
            kept[2, num_kept] = moves[2, move]
            kept[3, num_kept] = moves[3, move]
            num_kept += 1
    return kept[:, :num_kept].copy(), first
