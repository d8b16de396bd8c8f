"""Create a group, or take over the one that carries the source anchor already (cmdlets-and-graph.md 4.3, 4.11).

A group's anchor in Graph is its uniqueName, an alternate key that one upsert creates by: repeating it after a lost answer
finds the same group. Graph creates security groups; one with mail becomes a security group, with a warning.
"""

from __future__ import annotations

from adsyncdiag.connectors.entra import anchors, convert, errors
from adsyncdiag.connectors.entra.exporting import Export
from adsyncdiag.connectors.entra.naming import computed, nickname
from adsyncdiag.connectors.entra.odata import path
from adsyncdiag.connectors.entra.payload import Payload, text
from adsyncdiag.connectors.entra.session import AnswerLost
from adsyncdiag.model.objects import AttributeChange, Shadow
from adsyncdiag.model.trace import Json


def create(export: Export, adopt_groups: str) -> None:
    """Create the group of *export*, or adopt the one that has its uniqueName; *adopt_groups* may allow others.

    With `displayName` a group of the same name is adopted when it is the only one and nobody's (`Matching.adoptable_groups`).
    """
    _warn_of_mail(export)
    found = export.matching.by_anchor("group", export.request.source_anchor)
    if found is not None:
        export.adopt(found, _as_security_group(export))
        return
    name = computed(export.request, "displayName")
    if adopt_groups == "displayName" and name:
        candidates = export.matching.adoptable_groups(name)
        if len(candidates) > 1:
            export.failure = errors.ambiguous_group(export.subject, len(candidates))
            return
        if candidates:
            _adopt_by_name(export, candidates[0])
            return
    _create(export)


def _create(export: Export) -> None:
    request = export.request
    changes = _as_security_group(export)
    try:
        given = convert.properties("group", [c for c in changes if c.new is not None and c.name != "sourceAnchor"])
    except convert.Unsendable as error:
        export.failure = errors.unsendable(export.subject, str(error))
        return
    nick = nickname(request)
    body: dict[str, Json] = {
        "displayName": computed(request, "displayName") or computed(request, "commonName") or nick,
        "mailNickname": nick,
        **given,
        "mailEnabled": False,
        "securityEnabled": True,
    }
    key = f"/groups(uniqueName='{anchors.unique_name(request.source_anchor)}')"
    reply = export.http.patch(key, body, prefer="create-if-missing")
    if not reply.fine:
        export.refuse(reply)
        return
    object_id = text(reply.body, "id") or _id_by_anchor(export)
    export.cloud_anchor = anchors.cloud_anchor("group", object_id)
    export.sent += [change.name for change in convert.writable("group", changes)]
    export.note_made_up({"alias": nick}, set(export.sent))
    export.refer(object_id, is_new=True)


def _id_by_anchor(export: Export) -> str:
    """Return the id of the group that an upsert found instead of creating it: 204 has no body."""
    found = export.matching.by_anchor("group", export.request.source_anchor)
    if found is None:
        raise AnswerLost(
            f"{export.http.host} says that a group was created, and does not show it yet",
            hint="Run the command again: it looks for the source anchor first.",
        )
    return text(found, "id")


def _adopt_by_name(export: Export, found: Payload) -> None:
    """Take over a group by its displayName, and give it our uniqueName where the service allows it.

    The documentation calls uniqueName read-only outside of an upsert; where it is refused the group stays without one, and is
    known by its cloud anchor alone.
    """
    anchor = export.request.source_anchor
    object_id = text(found, "id")
    reply = export.http.patch(path("groups", object_id), {"uniqueName": anchors.unique_name(anchor)})
    changes = [c for c in _as_security_group(export) if c.name != "sourceAnchor"]
    export.warnings.append(f"the group {text(found, 'displayName')!r} ({object_id}) was adopted by its displayName")
    if not reply.fine:
        export.warnings.append(f"it cannot be given our uniqueName, so only its id connects it: {reply.evidence}")
        export.shadows["sourceAnchor"] = Shadow(sent=anchor, visible=None)
    export.adopt(found, changes)
    if export.failure is None:
        export.sent.append("sourceAnchor")


def _as_security_group(export: Export) -> list[AttributeChange]:
    """Return the request's changes for a security group, whatever kind the rules computed: Graph makes no other."""
    changes = []
    for change in export.request.changes:
        if change.name == "securityEnabled" and change.new is not True:
            if change.new is False:
                export.shadows[change.name] = Shadow(sent=False, visible=True)
            changes.append(change._replace(new=True))
        else:
            changes.append(change)
    return changes


def _warn_of_mail(export: Export) -> None:
    mail = [name for name in ("mail", "proxyAddresses") if export.request.intended.get(name)]
    if mail:
        export.warnings.append(
            f"{' and '.join(mail)} of {export.subject.described} cannot be written through Graph: it is a security group "
            "without mail in the tenant"
        )
