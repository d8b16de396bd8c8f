"""One export under way: the writes that all object types share, and what came of them.

An export goes through at most one plain write (POST, or PATCH of what differs) and then its references; the first refusal
ends it, and what was accepted before stays accepted.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from adsyncdiag.connectors.entra import anchors, convert, errors
from adsyncdiag.connectors.entra.attributes import COLLECTIONS, TABLE
from adsyncdiag.connectors.entra.conflicts import Conflicts, Holder
from adsyncdiag.connectors.entra.errors import Subject
from adsyncdiag.connectors.entra.http import GraphSession
from adsyncdiag.connectors.entra.matching import Matching
from adsyncdiag.connectors.entra.naming import computed
from adsyncdiag.connectors.entra.odata import path
from adsyncdiag.connectors.entra.payload import Payload, flag, text
from adsyncdiag.connectors.entra.references import References
from adsyncdiag.connectors.entra.reply import Reply
from adsyncdiag.model.changes import ExportRequest, ExportResult
from adsyncdiag.model.objects import AttributeChange, ChangeKind, Shadow
from adsyncdiag.model.trace import Failure
from adsyncdiag.model.values import Attributes, same


@dataclass(slots=True)
class Export:
    """The state of one export; `result` is what the caller of the tenant gets."""

    request: ExportRequest
    http: GraphSession
    cloud_anchor: str = ""
    adopted: bool = False
    sent: list[str] = field(default_factory=list)
    shadows: dict[str, Shadow] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def matching(self) -> Matching:
        """Look-ups in the same tenant."""
        return Matching(self.http)

    @property
    def subject(self) -> Subject:
        """The object, as failures name it."""
        request = self.request
        name = computed(request, "userPrincipalName") or computed(request, "displayName") or request.dn
        return Subject(request.object_type, name, request.source_anchor, request.kind is ChangeKind.ADD)

    @property
    def result(self) -> ExportResult:
        """What came of it."""
        return ExportResult(
            cloud_anchor=self.cloud_anchor,
            sent=tuple(dict.fromkeys(self.sent)),
            adopted=self.adopted,
            shadows=self.shadows,
            warnings=tuple(self.warnings),
            unresolved=tuple(self.unresolved),
            failure=self.failure,
        )

    def update(self) -> None:
        """Change the object with the request's cloud anchor: only what the request names, once it is sure whose it is."""
        self.cloud_anchor = self.request.cloud_anchor
        object_id = anchors.object_id(self.request.cloud_anchor)
        current = self.matching.by_id(self.request.object_type, object_id, whole=False)
        if current is None:
            self.failure = errors.gone(self.subject)
        elif self.may_write(current):
            self.change(object_id, self._without_anchor(current))
            self.refer(object_id)

    def may_write(self, current: Payload) -> bool:
        """Say whether *current* may be written; keep the failure when another engine or another anchor owns it."""
        held = convert.source_anchor(self.request.object_type, current)
        if flag(current, "onPremisesSyncEnabled"):
            self.failure = errors.read_only(self.subject)
        elif held and self.request.source_anchor and held != self.request.source_anchor:
            self.failure = errors.anchor_changed(self.subject, held)
        return self.failure is None

    def adopt(self, found: Payload, changes: Iterable[AttributeChange]) -> None:
        """Make *found*, which carries our anchor already, what *changes* ask for; send only what differs from it."""
        object_id = text(found, "id")
        if not self.may_write(found):
            return
        self.adopted = True
        self.cloud_anchor = anchors.cloud_anchor(self.request.object_type, object_id)
        current = convert.plain(self.request.object_type, found)
        wanted = convert.writable(self.request.object_type, changes)
        differing = [change for change in wanted if not same(current.get(change.name), change.new)]
        if self.change(object_id, differing):
            self.sent += [change.name for change in wanted]
            self.note_made_up(current, {change.name for change in wanted})
        self.refer(object_id)

    def change(self, object_id: str, changes: Iterable[AttributeChange]) -> bool:
        """Send *changes* in one PATCH, if there are any; say whether the service took them."""
        object_type = self.request.object_type
        wanted = convert.writable(object_type, changes)
        try:
            body = convert.properties(object_type, [change for change in wanted if not self._cannot_be_empty(change)])
        except convert.Unsendable as error:
            self.failure = errors.unsendable(self.subject, str(error))
            return False
        if body:
            reply = self.http.patch(path(COLLECTIONS[object_type], object_id), body)
            if not reply.fine:
                self.refuse(reply)
                return False
        self.sent += [change.name for change in wanted]
        return True

    def note_made_up(self, current: Attributes, named: Container[str]) -> None:
        """Remember values that Graph holds though no rule computes one, so that no later run tries to take them away."""
        for entry in TABLE[self.request.object_type].values():
            if entry.never_empty and entry.name not in named and entry.name in current:
                self.shadows[entry.name] = Shadow(sent=None, visible=current[entry.name])

    def _cannot_be_empty(self, change: AttributeChange) -> bool:
        """Say whether Graph would refuse to clear this attribute; then what is there stays, and the engine counts it as none."""
        if change.new is not None or not TABLE[self.request.object_type][change.name].never_empty:
            return False
        self.shadows[change.name] = Shadow(sent=None, visible=change.old)
        self.warnings.append(f"{change.name} cannot be empty in Entra, so it keeps its value")
        return True

    def refer(self, object_id: str, *, is_new: bool = False) -> None:
        """Write the request's references, unless something failed before."""
        if self.failure is None and self.request.references:
            references = References(self.matching, self.subject, object_id, is_new)
            references.write(self.request.references)
            self.sent += references.sent
            self.unresolved += references.unresolved
            self.failure = references.failure

    def refuse(self, reply: Reply) -> None:
        """Keep what a refusal means."""
        if reply.is_conflict:
            self.failure = errors.conflict(reply, self.subject, self.holder(reply))
        else:
            self.failure = errors.failure(reply, self.subject)

    def holder(self, reply: Reply, **sent: str) -> Holder | None:
        """Return the other object of a conflict; *sent* are values that differ from what the rules computed."""
        values = {name: computed(self.request, name) for name in ("userPrincipalName", "mail")} | sent
        return Conflicts(self.http).holder(reply, values, self.request.source_anchor)

    def _without_anchor(self, current: Payload) -> tuple[AttributeChange, ...]:
        """Return the changes without a source anchor that the object carries already, or can never be given.

        An account that lost its anchor gets it back; a group's uniqueName cannot be set later (4.3).
        """
        kept = []
        for change in self.request.changes:
            if change.name != "sourceAnchor":
                kept.append(change)
            elif convert.source_anchor(self.request.object_type, current) == change.new:
                self.sent.append(change.name)
            elif self.request.object_type == "user":
                kept.append(change._replace(new=self.request.source_anchor or None))
            elif isinstance(change.new, str):
                self.sent.append(change.name)
                self.shadows[change.name] = Shadow(sent=change.new, visible=None)
        return tuple(kept)
