"""Write references: the manager of a user, the members of a group (cmdlets-and-graph.md 4.1, 4.3).

Each write may be repeated: a member that is there already and one that is gone already are what was asked for. A target
that is not in the tenant is reported as unresolved, and its attribute stays pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from adsyncdiag.connectors.entra import anchors, errors
from adsyncdiag.connectors.entra.attributes import TABLE
from adsyncdiag.connectors.entra.errors import Subject
from adsyncdiag.connectors.entra.matching import READ_PERMISSIONS, Matching
from adsyncdiag.connectors.entra.odata import path, select
from adsyncdiag.connectors.entra.payload import Payload, text
from adsyncdiag.connectors.entra.reply import Reply
from adsyncdiag.model.changes import ReferenceChange, ReferenceTarget, Writability
from adsyncdiag.model.trace import Failure, Json

BATCH = 20
"""Members that one PATCH may add; it is all or nothing."""
_REPLICATION = (1.0, 2.0)
"""Seconds to wait for a new object to be known to all replicas (Microsoft Learn, "Update group")."""


@dataclass(slots=True)
class References:
    """The references of one object, written one attribute after the other; what came of it is kept in the lists."""

    matching: Matching
    subject: Subject
    object_id: str
    is_new: bool = False
    sent: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    failure: Failure | None = None
    _ids: dict[str, str] = field(default_factory=dict, repr=False)

    def write(self, changes: Iterable[ReferenceChange]) -> None:
        """Make *changes*; the first refusal ends it and is kept in `failure`."""
        for change in changes:
            entry = TABLE[self.subject.object_type].get(change.attribute)
            if entry is None or entry.writability is not Writability.WRITE_REFERENCE:
                continue
            missing = len(self.unresolved)
            if entry.graph == "manager":
                self._write_manager(change)
            else:
                self._write_members(change)
            if self._failed:
                return
            if len(self.unresolved) == missing:
                self.sent.append(change.attribute)

    @property
    def _failed(self) -> bool:
        return self.failure is not None

    def _write_manager(self, change: ReferenceChange) -> None:
        where = path("users", self.object_id, "manager") + "/$ref"
        if not change.add:
            self._accept(self.matching.http.delete(where))
            return
        target = change.add[-1]
        self._attach(change.attribute, target, lambda body: self.matching.http.put(where, body))

    def _write_members(self, change: ReferenceChange) -> None:
        for target in change.remove:
            found = self._id_of(target)
            if found:
                where = path("groups", self.object_id, "members", found) + "/$ref"
                self._accept(self.matching.http.delete(where))
            if self._failed:
                return
        resolved: dict[str, ReferenceTarget] = {}
        for target in change.add:
            found = self._id_of(target)
            if found:
                resolved[found] = target
            else:
                self._missing(change.attribute, target)
        self._add_members(change.attribute, resolved)

    def _add_members(self, attribute: str, resolved: dict[str, ReferenceTarget]) -> None:
        """Add members, twenty at a time while nothing stands in the way, the rest of a refused twenty one by one."""
        if len(resolved) > BATCH and not self.is_new:
            for known in self._members():
                resolved.pop(known, None)
        ids = list(resolved)
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            if len(batch) > 1 and self._bind(batch):
                continue
            for found in batch:
                self._add_member(attribute, resolved[found])
                if self._failed:
                    return

    def _members(self) -> tuple[str, ...]:
        where = f"{path('groups', self.object_id)}/members?{select(['id'])}&$top=999"
        found = self.matching.http.pages(where, "read members of groups", READ_PERMISSIONS["group"])
        return tuple(text(entry, "id") for entry in found)

    def _bind(self, ids: list[str]) -> bool:
        http = self.matching.http
        body: dict[str, Json] = {"members@odata.bind": [http.object_url(found) for found in ids]}
        return http.patch(path("groups", self.object_id), body).fine

    def _add_member(self, attribute: str, target: ReferenceTarget) -> None:
        where = path("groups", self.object_id, "members") + "/$ref"
        self._attach(attribute, target, lambda body: self.matching.http.post(where, body, repeatable=True))

    def _attach(self, attribute: str, target: ReferenceTarget, send: Callable[[Payload], Reply]) -> None:
        """Refer to *target*; what the service does not know is missing, unless it is only not known everywhere yet."""
        found = self._id_of(target)
        if not found:
            self._missing(attribute, target)
            return
        body: dict[str, Json] = {"@odata.id": self.matching.http.object_url(found)}
        reply = send(body)
        if self.is_new and _is_absent(reply) and self.matching.exists(found):
            for delay in _REPLICATION:
                self.matching.http.sleep(delay)
                reply = send(body)
                if not _is_absent(reply):
                    break
        if _is_absent(reply):
            self._missing(attribute, target)
        else:
            self._accept(reply)

    def _accept(self, reply: Reply) -> None:
        """Take a 2xx, `already there` and `already gone` for success; keep any other refusal."""
        if not reply.fine and reply.status != 404 and "already exist" not in reply.message:
            self.failure = errors.failure(reply, self.subject)

    def _missing(self, attribute: str, target: ReferenceTarget) -> None:
        self.unresolved.append(f"{attribute}: {target.dn}")

    def _id_of(self, target: ReferenceTarget) -> str:
        """Return the id of a target; "" when it is not in the tenant.

        Without a cloud anchor it is looked up by the source anchor in its DN, among users and then groups.
        """
        if target.cloud_anchor:
            return anchors.object_id(target.cloud_anchor)
        if target.dn not in self._ids:
            self._ids[target.dn] = self._look_up(anchors.source_anchor_of(target.dn))
        return self._ids[target.dn]

    def _look_up(self, anchor: str) -> str:
        if anchors.looks_like_cloud_anchor(anchor):
            return anchors.object_id(anchor)
        for object_type in ("user", "group") if anchor else ():
            found = self.matching.by_anchor(object_type, anchor)
            if found is not None:
                return text(found, "id")
        return ""


def _is_absent(reply: Reply) -> bool:
    """Say whether the service does not know one end of the reference (404, or 400 right after a create)."""
    return reply.status == 404 or (reply.status == 400 and "do not exist" in reply.message)
