"""Choosing value by value: what `IIF` and `Switch` do when a condition is about several values (vectors 154).

The documented example drops the values that choose NULL. Inside a branch of another choice they leave a gap instead
(`evaluation.Sparse`), so that nested choices about one attribute still match value by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import Context, Evaluator, Span, gathered
from adsyncdiag.expressions.operators import condition
from adsyncdiag.model.values import ExpressionValue

Choice: TypeAlias = tuple[Evaluator, Evaluator, Span]
"""A condition, the value it chooses, and the place of the condition."""


def chosen_each(
    context: Context, flags: tuple[bool, ...], value: Evaluator, others: Sequence[Choice], *, keep_gaps: bool
) -> ExpressionValue:
    """Return for each of *flags* the matching value of what it chooses: *value* when True, else the first of *others*.

    What is chosen is evaluated at most once, and only when a flag chooses it. A multi-valued one gives its element of the same
    position, so it needs as many values as there are flags; a single value serves every position.
    """
    results: list[ExpressionValue] = [None] * len(flags)
    waiting = [index for index, flag in enumerate(flags) if flag in (True, False)]  # the others are gaps
    waiting = _chosen(context, flags, value, waiting, results)
    for test, chosen, place in others:
        if not waiting:
            break
        flags = _spread(condition(test(context), place), len(results))
        waiting = _chosen(context, flags, chosen, waiting, results)
    return gathered(context, results, keep_gaps=keep_gaps)


def _spread(flags: bool | tuple[bool, ...], count: int) -> tuple[bool, ...]:
    if isinstance(flags, bool):
        return (flags,) * count
    if len(flags) != count:
        raise EvaluationError(f"conditions about {count} and {len(flags)} values cannot choose together")
    return flags


def _chosen(
    context: Context, flags: tuple[bool, ...], chosen: Evaluator, waiting: list[int], results: list[ExpressionValue]
) -> list[int]:
    """Put what is *chosen*, or its element of the same position, where a flag is True; return the positions still waiting."""
    takers = [index for index in waiting if flags[index]]
    if not takers:
        return waiting
    value = chosen(context)
    if isinstance(value, tuple) and len(value) != len(results):
        raise EvaluationError(
            f"a condition about {len(results)} values cannot choose among {len(value)}; both must be the same attribute"
        )
    for index in takers:
        results[index] = value[index] if isinstance(value, tuple) else value
    return [index for index in waiting if not flags[index]]
