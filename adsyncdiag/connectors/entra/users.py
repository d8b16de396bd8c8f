"""Create a user, or take over the one that carries the source anchor already (cmdlets-and-graph.md 4.1, 4.6, 4.11).

No two requests can make two users for one anchor: it is looked for first, again when an answer was lost, and the service
itself refuses to give it to a second user.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterable
from dataclasses import replace

from adsyncdiag.connectors.entra import anchors, convert, errors
from adsyncdiag.connectors.entra.exporting import Export
from adsyncdiag.connectors.entra.naming import PrincipalName, computed, nickname, principal_name
from adsyncdiag.connectors.entra.payload import Payload, text
from adsyncdiag.connectors.entra.reply import Reply
from adsyncdiag.connectors.entra.session import AnswerLost
from adsyncdiag.model.changes import Organization
from adsyncdiag.model.objects import AttributeChange
from adsyncdiag.model.trace import Json

_ALPHABETS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#%*+-_=?")


def create(export: Export, organization: Organization) -> None:
    """Create the user of *export*, or adopt the one that has its source anchor."""
    request = export.request
    found = export.matching.by_anchor("user", request.source_anchor)
    nick = nickname(request)
    name = principal_name(request, nick, organization)
    if name.warning:
        export.warnings.append(name.warning)
    if found is not None:
        _adopt(export, found, name)
        return
    try:
        body = _body(export, nick, name)
    except convert.Unsendable as error:
        export.failure = errors.unsendable(export.subject, str(error))
        return
    answer = _post(export, body)
    if not isinstance(answer, Reply):
        _adopt(export, answer, name)
    elif answer.fine:
        _created(export, answer, name)
    else:
        _refused(export, answer, name)


def update(export: Export, organization: Callable[[], Organization]) -> None:
    """Change the user of *export*; a new userPrincipalName of an unverified domain becomes what Entra makes of it.

    Entra does the same on updates as on creation (engine.md 1.16); sent as it is, the service would refuse the whole change.
    """
    request = export.request
    renamed = any(c.name == "userPrincipalName" and c.new is not None for c in request.changes)
    name = principal_name(request, nickname(request), organization()) if renamed else None
    if name is not None and name.shadow is not None:
        export.request = replace(request, changes=tuple(_named(request.changes, name)))
        export.warnings.append(name.warning)
    export.update()
    if name is not None and export.failure is None:
        _note_shadow(export, name)


def initial_password() -> str:
    """Return a random password of 40 characters with each of the four kinds in it; nobody keeps it."""
    chosen = [secrets.choice(alphabet) for alphabet in _ALPHABETS]
    chosen += [secrets.choice("".join(_ALPHABETS)) for _ in range(40 - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def _body(export: Export, nick: str, name: PrincipalName) -> dict[str, Json]:
    """Return the body of the POST: what Graph demands of every user, and every value that the request brings."""
    request = export.request
    given = convert.properties("user", [change for change in request.changes if change.new is not None])
    body: dict[str, Json] = {
        "displayName": computed(request, "displayName") or computed(request, "commonName") or nick,
        "mailNickname": nick,
        **given,
        "userPrincipalName": name.value,
        "onPremisesImmutableId": request.source_anchor,
        "passwordProfile": {"password": initial_password(), "forceChangePasswordNextSignIn": True},
    }
    if "accountEnabled" not in body:
        # Graph wants an answer; an account that no rule enables stays closed.
        body["accountEnabled"] = False
        export.warnings.append("no rule computes accountEnabled; the user was created disabled")
    return body


def _post(export: Export, body: dict[str, Json]) -> Reply | Payload:
    """Send the POST; return the service's reply, or the user that a POST without an answer did create."""
    try:
        return export.http.post("/users", body)
    except AnswerLost:
        found = export.matching.by_anchor("user", export.request.source_anchor)
    # Not found: the request never arrived, or the filter's index lags. The anchor makes a second POST harmless: if the first
    # one was carried out, it is refused as a conflict with a user who has our own anchor, and that one is adopted.
    return found if found is not None else export.http.post("/users", body)


def _created(export: Export, reply: Reply, name: PrincipalName) -> None:
    """Note what was created, and write its references."""
    object_id = text(reply.body, "id")
    if not object_id:
        found = export.matching.by_anchor("user", export.request.source_anchor)
        if found is None:
            raise AnswerLost(
                f"{export.http.host} says that a user was created, and not which",
                hint="Run the command again: it looks for the source anchor first.",
            )
        object_id = text(found, "id")
    export.cloud_anchor = anchors.cloud_anchor("user", object_id)
    export.sent += [change.name for change in convert.writable("user", export.request.changes)]
    _note_shadow(export, name)
    export.note_made_up({"alias": nickname(export.request)}, set(export.sent))
    export.refer(object_id, is_new=True)


def _refused(export: Export, reply: Reply, name: PrincipalName) -> None:
    """Keep the refusal; a conflict with a user who has our own anchor is a lost answer of an earlier POST."""
    holder = export.holder(reply, userPrincipalName=name.value) if reply.is_conflict else None
    if holder is None or holder.source_anchor != export.request.source_anchor:
        export.failure = (
            errors.conflict(reply, export.subject, holder)
            if reply.is_conflict
            else errors.failure(reply, export.subject)
        )
        return
    found = export.matching.by_id("user", holder.id)
    if found is None:  # it was deleted, and keeps the anchor
        export.failure = errors.conflict(reply, export.subject, holder)
    else:
        _adopt(export, found, name)


def _adopt(export: Export, found: Payload, name: PrincipalName) -> None:
    """Take over a user who has our anchor: on-premises values win over what is there (engine.md 1.16)."""
    export.adopt(found, _named(export.request.changes, name))
    if export.failure is None:
        _note_shadow(export, name)


def _named(changes: Iterable[AttributeChange], name: PrincipalName) -> list[AttributeChange]:
    """Return *changes* with the userPrincipalName that the tenant can show."""
    return [c._replace(new=name.value) if c.name == "userPrincipalName" else c for c in changes]


def _note_shadow(export: Export, name: PrincipalName) -> None:
    if name.shadow is not None:
        export.shadows["userPrincipalName"] = name.shadow
