"""What Graph's refusals of a write mean: the codes of Entra and of the cmdlet, a reason, and what to do.

Codes and pages are those of cmdlets-and-graph.md 1.4 and engine.md 6.6. Message texts are no contract, so the code and
the details decide where they can; a refusal that nothing here knows keeps Graph's own code.
"""

from __future__ import annotations

from dataclasses import dataclass

from adsyncdiag.connectors.entra.attributes import by_property
from adsyncdiag.connectors.entra.conflicts import Holder
from adsyncdiag.connectors.entra.reply import Reply
from adsyncdiag.model.codes import Code
from adsyncdiag.model.trace import Failure

_MASTERED = ("on-premises mastered", "originated within an external service")
_TOO_LARGE = ("too large", "exceeds the maximum", "exceeded the maximum", "longer than", "maximum length")
_TOO_LARGE_CODES = frozenset({"ExceededAllowedLength", "LargeObject", "PropertyLengthExceeded", "StringLengthExceeded"})
_INVALID = (
    "invalid value",
    "is invalid",
    "invalid values",
    "domain portion",
    "a value is required",
    "cannot be updated to null",
    "verified domain",
)
_PAGES = "https://aka.ms/aadc-exporterror-"


@dataclass(frozen=True, slots=True)
class Subject:
    """The object an export is about, as its failures name it."""

    object_type: str
    name: str
    """userPrincipalName or displayName, else the DN."""
    source_anchor: str
    creating: bool

    @property
    def described(self) -> str:
        """Type and name, such as `the user ann@contoso.com`."""
        return f"the {self.object_type} {self.name[:200]}"


def failure(reply: Reply, subject: Subject) -> Failure:
    """Return what a refusal means that is no conflict with another object."""
    said = f"{reply.message} {' '.join(d.message for d in reply.details)}".lower()
    codes = {d.code for d in reply.details}
    if any(words in said for words in _MASTERED):
        return read_only(subject, reply.evidence)
    if reply.status == 403:
        return _permission(reply, subject)
    if reply.status == 404:
        return gone(subject, reply.evidence)
    if reply.status == 413 or codes & _TOO_LARGE_CODES or any(words in said for words in _TOO_LARGE):
        return _large(reply, subject)
    if "password" in said and "complex" in said:
        return Failure(
            "password-policy-violation",
            f"{subject.described} was refused for its random initial password: {_sentence(reply)}",
            "Look for a custom banned-password list or policy in the tenant, and synchronise the object again: "
            "each attempt makes a new password.",
            reply.evidence,
        )
    if "InvalidValue" in codes or any(words in said for words in _INVALID):
        return _invalid(reply, subject)
    return Failure(
        reply.code or f"http-{reply.status}",
        f"Graph refuses {subject.described}: {_sentence(reply)}",
        "Look at the service's message in the details; the request-id there is what Microsoft support asks for.",
        reply.evidence,
    )


def conflict(reply: Reply, subject: Subject, holder: Holder | None) -> Failure:
    """Return what it means that another object, *holder* where it could be found, has a value that must be unique.

    A new object that meets one with another anchor by userPrincipalName or primary address is what Entra calls
    `InvalidSoftMatch`, one of another type `objecttypemismatch`; everything else is `attributevaluemustbeunique`. That
    includes a new user who meets one without an anchor: Entra would take that one over, we do not (engine.md 1.16).
    """
    attribute = by_property(subject.object_type, reply.properties[0]) if reply.properties else "a value"
    if holder is None:
        return Failure(
            "attributevaluemustbeunique",
            f"another object of the tenant already has {attribute} of {subject.described}, and it could not be found",
            f"Search the tenant, its deleted users included, for the value of {attribute}; change it on one of the two objects, "
            "then synchronise again.",
            reply.evidence,
            _PAGES + "attributevaluemustbeunique",
        )
    value = f"{holder.by_attribute} {holder.value[:200]!r}"
    reason = f"{value} of {subject.described} is already held by {holder.described}"
    if subject.creating and holder.object_type != subject.object_type:
        code, advice = "objecttypemismatch", f"Remove {value} from one of the two: they are of different types"
    elif subject.creating and holder.soft_matches and holder.source_anchor:
        code = "InvalidSoftMatch"
        advice = (
            f"Find the on-premises object with the source anchor {holder.source_anchor}, which {holder.short} belongs to. If it is a "
            f"duplicate of this one, remove one of them; else change {holder.by_attribute} on one"
        )
    else:
        code = "attributevaluemustbeunique"
        owner = "on-premises" if holder.synced else "in the tenant"
        advice = f"Change {holder.by_attribute} of this object, or of {holder.short} {owner}"
        if holder.deleted:
            advice = f"Restore {holder.short} from the deleted users, or delete it for good"
        elif not holder.source_anchor and subject.creating:
            advice += (
                f"; if both are the same person, set onPremisesImmutableId of {holder.short} to {subject.source_anchor!r}, "
                "and the next run takes it over"
            )
    return Failure(code, reason, advice + ", then synchronise again.", reply.evidence, _PAGES + code.lower())


def read_only(subject: Subject, evidence: str = "") -> Failure:
    """Return the failure of an object that another engine masters: Graph writes none of it (cmdlets-and-graph.md 4.0)."""
    return Failure(
        Code.GRAPH_READ_ONLY.value,
        f"{subject.described} is mastered by another synchronisation (onPremisesSyncEnabled), and Graph does not change it",
        "Change it where it is mastered: run the synchronisation there, or hand the object's source of authority to the cloud "
        "(onPremisesSyncBehavior, isCloudManaged) before it is exported from here.",
        evidence,
    )


def gone(subject: Subject, evidence: str = "") -> Failure:
    """Return the failure of an update whose object is not in the tenant any more."""
    return Failure(
        "cd-missing-object",
        f"{subject.described} is not in the tenant any more",
        "Run an import of the Entra connector: it notices that the object is gone, and the next synchronisation creates it again. "
        "If it was deleted by mistake, restore it from the deleted objects first.",
        evidence,
    )


def cannot_create(subject: Subject) -> Failure:
    """Return the failure of a contact or device: Graph creates neither (cmdlets-and-graph.md 4.3)."""
    why = (
        "contacts are made by Exchange only" if subject.object_type == "contact" else "a device has to register itself"
    )
    return Failure(
        Code.GRAPH_CANNOT_CREATE.value,
        f"{subject.described} cannot be created through Graph: {why}",
        "Leave these objects to Entra Connect or Cloud Sync, or exclude the object type from the target connector.",
    )


def cannot_change(subject: Subject) -> Failure:
    """Return the failure of an update of a contact or device: Graph only reads them (cmdlets-and-graph.md 4.3)."""
    return Failure(
        Code.GRAPH_READ_ONLY.value,
        f"{subject.described} cannot be changed through Graph, which only reads objects of this type",
        "Change it where it is mastered, or exclude the object type from the target connector.",
    )


def unsendable(subject: Subject, what: str) -> Failure:
    """Return the failure of a value that cannot be written as JSON for its property."""
    return Failure(
        "datavalidationfailed",
        f"{what} ({subject.described})",
        "Correct the value in the source directory, or the rule that flows it.",
        link=_PAGES + "datavalidationfailed",
    )


def anchor_changed(subject: Subject, held: str) -> Failure:
    """Return the failure of an update onto an object that carries another anchor; an anchor is never rewritten (4.6)."""
    return Failure(
        "InvalidHardMatch",
        f"{subject.described} has the source anchor {subject.source_anchor!r}, and its object in the tenant carries {held!r}",
        "An anchor is for life: change the source anchor back on-premises, or find out who rewrote it in the tenant.",
        link="https://aka.ms/aadc-errors",
    )


def ambiguous_group(subject: Subject, count: int) -> Failure:
    """Return the failure of a group that several groups of the tenant match by displayName."""
    return Failure(
        "InvalidSoftMatch",
        f"{count} groups of the tenant have the displayName of {subject.described}: none of them can be taken for it",
        'Rename all but one of them, or set [entra] adopt_groups = "" so that a new group is created.',
        link=_PAGES + "invalidsoftmatch",
    )


def _permission(reply: Reply, subject: Subject) -> Failure:
    permission = {"user": "User.ReadWrite.All", "group": "Group.ReadWrite.All or GroupMember.ReadWrite.All"}
    recommendation = (
        f"Grant the application {permission.get(subject.object_type, 'the write permission')} with admin consent."
    )
    if subject.object_type == "user":
        recommendation += (
            " accountEnabled, mail, telephone numbers and the source anchor of somebody who holds an admin role need a "
            "directory role on top, at least as high as theirs."
        )
    else:
        recommendation += " Role-assignable groups need RoleManagement.ReadWrite.Directory too."
    return Failure(
        "permission-issue",
        f"the application has no right to write {subject.described}: {_sentence(reply)}",
        recommendation,
        reply.evidence,
    )


def _large(reply: Reply, subject: Subject) -> Failure:
    names = _names(reply, subject)
    return Failure(
        "largeobject",
        f"{subject.described} has a value longer than the tenant takes{names}: {_sentence(reply)}",
        f"Shorten the value{names} in the source directory. Nothing of the object is written until then.",
        reply.evidence,
        _PAGES + "largeobject",
    )


def _invalid(reply: Reply, subject: Subject) -> Failure:
    names = _names(reply, subject)
    advice = f"Correct the value{names} in the source directory, or the rule that flows it."
    if "userPrincipalName" in reply.properties or "domain portion" in reply.message:
        advice = (
            "Give the account a userPrincipalName with a verified domain of the tenant (Entra admin centre, Custom domain names) "
            "and without blanks, accents or other special characters, or verify its domain."
        )
    return Failure(
        "datavalidationfailed",
        f"a value of {subject.described} is not valid{names}: {_sentence(reply)}",
        advice,
        reply.evidence,
        _PAGES + "datavalidationfailed",
    )


def _names(reply: Reply, subject: Subject) -> str:
    names = [by_property(subject.object_type, name) for name in reply.properties]
    return f" ({', '.join(dict.fromkeys(names))})" if names else ""


def _sentence(reply: Reply) -> str:
    return " ".join(reply.message.split())[:300] or f"HTTP {reply.status} without a message"
