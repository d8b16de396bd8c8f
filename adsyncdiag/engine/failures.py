"""The failures of an object in the engine's own steps: code, sentence, recommendation (engine.md 6.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from adsyncdiag.errors import EvaluationError
from adsyncdiag.model.objects import CsObject, ObjectError
from adsyncdiag.model.rules import Flow, SyncRule
from adsyncdiag.model.trace import Failure, FlowTrace

_RECOMMENDATIONS = {
    "sync-rule-error-function-triggered": (
        "The rule raises this error on purpose. Correct the object's data so that the rule's condition no longer holds, "
        "or change the rule in the Synchronization Rules Editor, and synchronise the object again."
    ),
    "flow-multi-values-to-single-value": (
        "Leave one value on the source attribute, or flow one of them with an expression such as Item([attribute],1)."
    ),
    "mv-constraint-violation": (
        "Shorten the value to 448 characters, the metaverse's limit for an indexed string, or flow it with Left([attribute],448)."
    ),
    "cs-attribute-type-mismatch": (
        "The value's type is not the type of the target attribute. Correct the flow, or refresh the connector's schema."
    ),
    "join-object-id-must-be-single-valued": "Leave one value on the attribute the join compares.",
    "ambiguous-import-flow-from-multiple-connectors": (
        "Two objects of one connector describe the same person. Change the join attribute of the wrong one, or delete it."
    ),
    "attribute-merge-mismatch": (
        "Give every rule for this attribute the same merge type (Update, or Merge) in the Synchronization Rules Editor."
    ),
}
_OTHERWISE = "Look at the named rule and at the object's values, correct the one that is wrong, and synchronise the object again."


class FlowFailed(Exception):
    """A winning flow failed on the object: carries the record; caught where the object is planned, never further.

    *flows* are the inbound flows when it was an outbound one that failed; empty when the metaverse was not reached.
    """

    def __init__(self, failure: Failure, flows: tuple[FlowTrace, ...] = ()) -> None:
        super().__init__(failure.reason)
        self.failure = failure
        self.flows = flows


def flow_failure(rule: SyncRule, flow: Flow, error: EvaluationError) -> Failure:
    """Return the record of a flow that failed, naming rule, attribute and what the expression said."""
    return Failure(
        code=error.code,
        reason=f"The rule '{rule.name}' could not compute {flow.target}: {error.message}",
        recommendation=_RECOMMENDATIONS.get(error.code, _OTHERWISE),
        details=f"Rule: {rule.name} (precedence {rule.precedence}, {rule.direction.value})\n"
        f"Target attribute: {flow.target}\n{flow.kind.value}: {flow.text}\nInnerException => {error.message}",
        link="https://aka.ms/aadc-custom-sync-rule" if not rule.is_standard else "",
    )


def object_failure(code: str, reason: str) -> Failure:
    """Return the record of an engine error that no single flow caused."""
    return Failure(code, reason, _RECOMMENDATIONS.get(code, _OTHERWISE))


def noted(entry: CsObject, failure: Failure, now: datetime) -> ObjectError:
    """Return the synchronisation error to keep on *entry*: first and last occurrence, and how often it was retried."""
    return repeated(entry.sync_error, failure.code, failure.reason, failure.details, now)


def repeated(earlier: ObjectError | None, code: str, message: str, details: str, now: datetime) -> ObjectError:
    """Return the error to keep after *earlier*: the same code again counts as a retry and keeps its first occurrence."""
    if earlier is not None and earlier.code == code:
        return replace(earlier, message=message, last=now, retries=earlier.retries + 1, details=details)
    return ObjectError(code, message, now, now, 0, details)
