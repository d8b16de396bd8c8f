"""Choosing value by value: what `IIF` and `Switch` do when their condition is about several values."""

from __future__ import annotations

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import Context, Evaluator, gathered
from adsyncdiag.model.values import ExpressionValue, FlowSignal


def chosen_each(
    context: Context, flags: tuple[bool, ...], when_true: Evaluator, when_false: Evaluator
) -> ExpressionValue:
    """Return for each flag the matching value of its branch (expression-vectors.jsonl 154).

    A branch is evaluated at most once, and only when a flag chooses it. A multi-valued branch gives its element of the
    same position, so it needs as many values as there are flags; a single value serves every position. NULLs drop out.
    """
    branches = {
        True: when_true(context) if True in flags else None,
        False: when_false(context) if False in flags else None,
    }
    for value in branches.values():
        if isinstance(value, tuple) and len(value) != len(flags):
            raise EvaluationError(
                f"a condition about {len(flags)} values cannot choose among {len(value)}; both must be the same attribute"
            )
    results: list[ExpressionValue] = []
    for index, flag in enumerate(flags):
        value = branches[flag]
        results.append(value[index] if isinstance(value, tuple) and not isinstance(value, FlowSignal) else value)
    return gathered(context, results)
