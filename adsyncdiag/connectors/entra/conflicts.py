"""Who else holds a value that has to be unique: the other object of a conflict, found and named.

That name is what people miss most in Entra's own messages (cmdlets-and-graph.md 6, pains 5 and 6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adsyncdiag.connectors.entra.attributes import COLLECTIONS, identifying
from adsyncdiag.connectors.entra.convert import source_anchor
from adsyncdiag.connectors.entra.http import GraphSession
from adsyncdiag.connectors.entra.odata import any_equals, equals, path, select
from adsyncdiag.connectors.entra.payload import Payload, entries, flag, text, texts
from adsyncdiag.connectors.entra.reply import Reply

_ADDRESSES = ("mail", "proxyAddresses", "otherMails")


@dataclass(frozen=True, slots=True)
class Holder:
    """The object of the tenant that holds a value which another object wants too."""

    object_type: str
    id: str
    name: str
    """userPrincipalName, or displayName."""
    display_name: str
    source_anchor: str
    by_attribute: str
    """Connector-space name of the attribute that clashes."""
    value: str
    soft_matches: bool = False
    """True when Entra's soft match would find it: by userPrincipalName, or by its primary address."""
    synced: bool = False
    deleted: bool = False

    @property
    def short(self) -> str:
        """Type and name."""
        return f"{'deleted ' if self.deleted else ''}{self.object_type} {self.name[:200]}"

    @property
    def described(self) -> str:
        """Type, names, id, and who masters it, in one line."""
        master = f"source anchor {self.source_anchor}" if self.source_anchor else "cloud-only"
        if self.synced:
            master += ", synchronised from on-premises"
        shown = f"{self.short} ({self.display_name[:200]!r}" if self.display_name != self.name else f"{self.short} ("
        return f"{shown}{', ' if self.display_name != self.name else ''}id {self.id}, {master})"


@dataclass(slots=True)
class Conflicts:
    """Looks for the other object of a conflict."""

    http: GraphSession

    def holder(self, reply: Reply, values: Mapping[str, str], anchor: str) -> Holder | None:
        """Return the object that a conflict is about, or None when it cannot be found.

        *values* are userPrincipalName and mail as they were sent. The service may name the other object; else it is found by
        the value, in the order of what Entra matches by.
        """
        upn, mail = values.get("userPrincipalName", ""), values.get("mail", "")
        found = next((h for name in reply.conflicting_ids if (h := self._named(name, reply, values))), None)
        if found is not None:
            return found
        named = reply.properties or ("userPrincipalName", "proxyAddresses", "onPremisesImmutableId")
        for name in named:
            if name == "userPrincipalName" and upn:
                found = self._by_name(upn)
            elif name in _ADDRESSES:
                found = self._by_address(mail or upn)
            elif name == "onPremisesImmutableId":
                found = self._by_immutable_id(anchor)
            if found is not None:
                return found
        return None

    def _named(self, object_id: str, reply: Reply, values: Mapping[str, str]) -> Holder | None:
        name = reply.properties[0] if reply.properties else "proxyAddresses"
        value = values.get("userPrincipalName" if name == "userPrincipalName" else "mail", "")
        for object_type in ("user", "group", "contact"):
            for entry in self._asked(object_type, path(COLLECTIONS[object_type], object_id)):
                return _holder(object_type, entry, name, value)
        return None

    def _by_name(self, upn: str) -> Holder | None:
        for entry in self._asked("user", "/users", equals("userPrincipalName", upn)):
            return _holder("user", entry, "userPrincipalName", upn)
        return None

    def _by_address(self, address: str) -> Holder | None:
        for object_type in ("user", "group", "contact") if address else ():
            for query in (any_equals("proxyAddresses", f"smtp:{address}"), equals("mail", address)):
                for entry in self._asked(object_type, "/" + COLLECTIONS[object_type], query):
                    return _holder(object_type, entry, "proxyAddresses", address)
        return None

    def _by_immutable_id(self, anchor: str) -> Holder | None:
        query = equals("onPremisesImmutableId", anchor)
        for where, deleted in (("/users", False), ("/directory/deletedItems/microsoft.graph.user", True)):
            for entry in self._asked("user", where, query):
                return _holder("user", entry, "sourceAnchor", anchor, deleted=deleted)
        return None

    def _asked(self, object_type: str, where: str, query: str = "") -> Iterator[Payload]:
        """Yield what a look-up finds; a refusal finds nothing, since it must not turn the object's error into ours."""
        asked = dict.fromkeys((*identifying(object_type), "mail", "proxyAddresses"))
        reply = self.http.get(f"{where}?{query}{'&' if query else ''}{select(asked)}")
        if reply.fine:
            yield from entries(reply.body, "value") if query else (reply.body,)


def _holder(object_type: str, entry: Payload, name: str, value: str, *, deleted: bool = False) -> Holder:
    primary = next((p[5:] for p in texts(entry, "proxyAddresses") if p.startswith("SMTP:")), text(entry, "mail"))
    by_address = name in _ADDRESSES
    return Holder(
        object_type=object_type,
        id=text(entry, "id"),
        name=text(entry, "userPrincipalName") or text(entry, "displayName") or text(entry, "id"),
        display_name=text(entry, "displayName"),
        source_anchor=source_anchor(object_type, entry),
        by_attribute="sourceAnchor" if name == "onPremisesImmutableId" else name,
        value=value,
        soft_matches=name == "userPrincipalName" or (by_address and primary.casefold() == value.casefold() != ""),
        synced=flag(entry, "onPremisesSyncEnabled"),
        deleted=deleted,
    )
