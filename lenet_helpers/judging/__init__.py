"""How good a classifier is (`scores`), and how sure one can be of that (`chance`)."""

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
from lenet_helpers.judging.scores import (
    certainty,
    choose_threshold,
    find_rejection,
    judge_network,
    judge_scores,
    score_network,
    trace_rejection,
)

__all__ = [
    "Estimate",
    "adjust",
    "certainty",
    "choose_threshold",
    "compare_groups",
    "compare_on_other_digits",
    "compare_pairs",
    "estimate_mean",
    "find_clustering",
    "find_dunnett_factor",
    "find_dunnett_p_value",
    "find_factor",
    "find_rejection",
    "judge_network",
    "judge_scores",
    "predict_next",
    "score_network",
    "standard_error",
    "tally",
    "trace_rejection",
]
