"""How good a classifier is, how sure that is, and how alike the errors of two are.

In `scores`, `chance`, `intervals` and `lists`.
"""

from lenet_helpers.judging.chance import (
    Estimate,
    adjust,
    compare_groups,
    compare_on_other_digits,
    compare_pairs,
    estimate_mean,
    find_clustering,
    find_dunnett_factor,
    find_dunnett_p_value,
    find_factor,
    predict_next,
    standard_error,
    tally,
)
from lenet_helpers.judging.intervals import bound_rate
from lenet_helpers.judging.lists import (
    compare_lists,
    draw_lists_again,
    find_clustered_spread,
    rank_among_lists,
)
from lenet_helpers.judging.scores import (
    bin_confidences,
    certainty,
    choose_threshold,
    draw_perfect_errors,
    expected_calibration_error,
    find_rejection,
    judge_network,
    judge_scores,
    risk_coverage_area,
    score_network,
    trace_rejection,
)

__all__ = [
    "Estimate",
    "adjust",
    "bin_confidences",
    "bound_rate",
    "certainty",
    "choose_threshold",
    "compare_groups",
    "compare_lists",
    "compare_on_other_digits",
    "compare_pairs",
    "draw_lists_again",
    "draw_perfect_errors",
    "estimate_mean",
    "expected_calibration_error",
    "find_clustered_spread",
    "find_clustering",
    "find_dunnett_factor",
    "find_dunnett_p_value",
    "find_factor",
    "find_rejection",
    "judge_network",
    "judge_scores",
    "predict_next",
    "rank_among_lists",
    "risk_coverage_area",
    "score_network",
    "standard_error",
    "tally",
    "trace_rejection",
]
