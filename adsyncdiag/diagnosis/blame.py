"""Which part of a filtering expression came true, in words: the shipped cloudFiltered flow is 576 characters long."""

from __future__ import annotations

from datetime import UTC, datetime

from adsyncdiag.engine.subjects import readable
from adsyncdiag.errors import EvaluationError, ExpressionError
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.objects import CsObject
from adsyncdiag.model.rules import FlowKind
from adsyncdiag.model.trace import FlowTrace
from adsyncdiag.model.values import Attributes, Value, as_text, each


def blame(flow: FlowTrace, entry: CsObject) -> tuple[str, str]:
    """Return a clause ` because ...` and an advice for a flow that set cloudFiltered on *entry*."""
    attributes = readable(entry)
    part = _true_part(flow, attributes, entry) if flow.kind is FlowKind.EXPRESSION else ""
    if not part:
        return "", (
            f"If the object should synchronise, change it so that '{flow.rule_name}' is no longer in scope, or change the rule "
            "in the Synchronization Rules Editor."
        )
    names = sorted(compile_expression(part).attributes)
    values = "; ".join(f"{name} is {shown(attributes.get(name))}" for name in names)
    return f" because {part} holds ({values})", _advice(names, flow)


def _advice(names: list[str], flow: FlowTrace) -> str:
    if names == ["dn"]:
        return (
            "This is a replication conflict object (CNF). Find its original, keep one of the two, and delete the other."
        )
    if names == ["userCertificate"]:
        return (
            "A computer is synchronised once it has written its userCertificate, which it does when device registration "
            "(hybrid join) is set up for its domain; wait for that, then synchronise again."
        )
    return (
        f"If the object should synchronise, correct {' and '.join(names)} in Active Directory. Objects like this one are filtered on "
        f"purpose by '{flow.rule_name}'; for a system account nothing is wrong."
    )


def _true_part(flow: FlowTrace, attributes: Attributes, entry: CsObject) -> str:
    """Return the smallest part of the expression that came true and does not lie in a part that came out false."""
    try:
        expression = compile_expression(flow.source, rule=flow.rule_name)
        context = Context(attributes=attributes, imported=entry.imported, parameters={}, now=datetime.now(UTC))
        entries = expression.trace(context)[1]
    except (ExpressionError, EvaluationError):
        return ""
    false = [(e.start, e.end) for e in entries if e.value is False]
    true = [e for e in entries if e.value is True and "[" in e.text and not _inside(e.start, e.end, false)]
    if not true:
        return ""
    # Evaluation stops at the first operand of || that holds, so the last true part without a smaller one in it decided;
    # when it stands in an && with others, all of them did.
    leaves = [e for e in true if not any(_inside(o.start, o.end, [(e.start, e.end)]) for o in true if o != e)]
    leaf = max(leaves, key=lambda e: e.start)
    whole = [
        e for e in true if "&&" in e.text and "||" not in e.text and _inside(leaf.start, leaf.end, [(e.start, e.end)])
    ]
    return max(whole, key=lambda e: e.end - e.start, default=leaf).text


def _inside(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(low <= start and end <= high for low, high in spans)


def shown(value: Value | None) -> str:
    """Return *value* for a sentence: at most three of its values, or `absent`."""
    return ", ".join(as_text(v) for v in each(value)[:3]) or "absent"
