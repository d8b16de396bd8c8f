"""Why synchronisation did not bring the object to Entra: the rule, the clause, and the value that decided.

Works on the record of a plan only; nothing is decided a second time here.
"""

from __future__ import annotations

from collections.abc import Sequence

from adsyncdiag.diagnosis.blame import blame, shown
from adsyncdiag.model.changes import OutboundPlan, SyncPlan
from adsyncdiag.model.codes import Code
from adsyncdiag.model.rules import Direction, LinkType
from adsyncdiag.model.trace import ClauseVerdict, Failure, RuleVerdict
from adsyncdiag.model.values import Attributes

LINKED_MAILBOX = 2
"""msExchRecipientTypeDetails of a linked mailbox (engine.md 1.14)."""


def no_metaverse_object(plan: SyncPlan) -> Failure:
    """Return why the object stays a disconnector."""
    providers = [v for v in plan.verdicts if v.link_type in (LinkType.PROVISION, LinkType.STICKY_JOIN)]
    inside = [v for v in providers if v.in_scope]
    if inside:
        return Failure(
            Code.NO_METAVERSE_OBJECT,
            f"The rule '{inside[0].rule_name}' is in scope but found nothing to join and projects nothing; {plan.link_note}",
            f"Give the object a value for an attribute the rule joins on: {_join_names(plan)}.",
        )
    if not providers:
        return Failure(
            Code.NO_METAVERSE_OBJECT,
            f"No synchronisation rule brings objects of type {plan.before.object_type} into the metaverse",
            "Add an inbound rule of link type Provision for this object type, if it is to be synchronised.",
            link="https://aka.ms/aadc-custom-sync-rule",
        )
    nearest = min(providers, key=lambda v: v.precedence)
    return Failure(
        Code.NO_METAVERSE_OBJECT,
        f"The inbound rule '{nearest.rule_name}' does not apply: {nearest.reason}",
        _clause_advice(nearest),
        details=_all_verdicts(providers),
        link="https://aka.ms/aadc-filtering-attribute",
    )


def no_target_object(plan: SyncPlan, outbound: OutboundPlan) -> Failure:
    """Return why no outbound rule provisions the object to Entra."""
    values = plan.metaverse_after.values if plan.metaverse_after is not None else {}
    providers = [
        v for v in outbound.verdicts if v.link_type is LinkType.PROVISION and v.direction is Direction.OUTBOUND
    ]
    mailbox = _linked_mailbox(plan)
    if mailbox is not None:
        return mailbox
    if not providers:
        return Failure(
            Code.NO_TARGET_OBJECT,
            f"No outbound rule provisions metaverse objects of type {_type(plan)} to {outbound.connector_name}",
            "Objects of this type are not synchronised to Entra unless a rule is added for them.",
        )
    decisive = _nearest(providers)
    if any(c.clause.startswith("cloudFiltered ") for c in decisive.clauses):
        return _cloud_filtered(plan, decisive, values)
    return Failure(
        Code.NO_TARGET_OBJECT,
        f"The outbound rule '{decisive.rule_name}' does not apply: {decisive.reason}",
        _clause_advice(decisive),
        details=_all_verdicts(providers),
        link="https://aka.ms/aadc-filtering-attribute",
    )


def would_delete(plan: SyncPlan, outbound: OutboundPlan) -> Failure:
    """Return why single-object sync refuses: it adds and updates, and this object would be deleted from Entra."""
    lost = [v for v in (*plan.verdicts, *outbound.verdicts) if v.link_type is LinkType.PROVISION and not v.in_scope]
    reasons = "; ".join(f"'{v.rule_name}': {v.reason}" for v in _relevant(lost))
    return Failure(
        Code.WOULD_DELETE,
        f"Synchronising this object would delete {_named(outbound)} from {outbound.connector_name}: {outbound.note}",
        "Single-object synchronisation adds and updates only. If the object should stay, bring it back into scope "
        f"({reasons or 'see the rules'}); if it should go, let a full synchronisation cycle delete it.",
    )


def _named(outbound: OutboundPlan) -> str:
    """Name the target object as people know it; its DN is hexadecimal."""
    entry = outbound.before
    if entry is None:
        return "its object"
    known = entry.intended.get("userPrincipalName") or entry.intended.get("displayName")
    return f"{known} ({entry.dn})" if isinstance(known, str) else entry.dn.text


def _relevant(verdicts: Sequence[RuleVerdict]) -> list[RuleVerdict]:
    decided = [v for v in verdicts if not any(c.clause.startswith("sourceObjectType ") for c in v.clauses)]
    return list(decided or verdicts)[:3]


def _nearest(verdicts: Sequence[RuleVerdict]) -> RuleVerdict:
    """Return the verdict that tells most: not the rule for another kind of object."""
    return min(_relevant(verdicts), key=lambda v: v.precedence)


def _cloud_filtered(plan: SyncPlan, decisive: RuleVerdict, values: Attributes) -> Failure:
    setter = next((f for f in plan.flows if f.attribute == "cloudFiltered" and f.won), None)
    if setter is None:
        return Failure(
            Code.NO_TARGET_OBJECT,
            f"The outbound rule '{decisive.rule_name}' does not apply: {decisive.reason}",
            _clause_advice(decisive),
        )
    because, advice = blame(setter, plan.before)
    return Failure(
        Code.NO_TARGET_OBJECT,
        f"cloudFiltered is {shown(values.get('cloudFiltered'))} on this object, set by the rule '{setter.rule_name}'{because}, "
        f"so '{decisive.rule_name}' does not apply",
        advice,
        details=f"{setter.rule_name}: cloudFiltered <- {setter.source}",
        link="https://aka.ms/aadc-filtering-attribute",
    )


def _linked_mailbox(plan: SyncPlan) -> Failure | None:
    source = plan.before.current
    values = plan.metaverse_after.values if plan.metaverse_after is not None else {}
    if source.get("msExchRecipientTypeDetails") != LINKED_MAILBOX or "sourceAnchor" in values:
        return None
    return Failure(
        Code.NO_TARGET_OBJECT,
        "The object is a linked mailbox (msExchRecipientTypeDetails is 2), and the master account that gives it its "
        f"sourceAnchor is not joined{_master(source)}",
        "Synchronise the forest of the master account with the same server, and check that its object is in scope. If this is "
        "no linked mailbox, correct msExchRecipientTypeDetails with Exchange's tools.",
    )


def _master(source: Attributes) -> str:
    sid = source.get("msExchMasterAccountSid")
    return f" (msExchMasterAccountSid, base64: {shown(sid)})" if sid is not None else ""


def _clause_advice(verdict: RuleVerdict) -> str:
    unmet = [clause for clause in verdict.clauses if not clause.holds]
    if not unmet:
        return f"Enable the rule '{verdict.rule_name}' in the Synchronization Rules Editor, or accept that the object is filtered."
    wishes = " or ".join(f"'{clause.clause}' has to hold ({_now(clause)})" for clause in unmet[:3])
    return (
        f"To bring the object in, {wishes}; or change the scoping filter of '{verdict.rule_name}' in the Synchronization "
        "Rules Editor. If the filter is meant, nothing is wrong."
    )


def _now(clause: ClauseVerdict) -> str:
    name = clause.clause.split(" ")[0]
    return f"{name} has no value now" if clause.actual is None else f"{name} is {shown(clause.actual)} now"


def _all_verdicts(verdicts: Sequence[RuleVerdict]) -> str:
    return "\n".join(f"{v.rule_name}: {'in scope' if v.in_scope else v.reason}" for v in verdicts)


def _join_names(plan: SyncPlan) -> str:
    return ", ".join(dict.fromkeys(attempt.clauses.split(" = ")[0] for attempt in plan.joins)) or "see the rule"


def _type(plan: SyncPlan) -> str:
    return plan.metaverse_after.object_type if plan.metaverse_after is not None else "this"
