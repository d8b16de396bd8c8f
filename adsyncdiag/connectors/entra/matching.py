"""Find objects of the tenant: by id, by source anchor, and groups that may be adopted.

Graph compares text without regard to case, and two anchors may differ in nothing else; whatever a filter brings is
therefore compared again, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

from adsyncdiag.connectors.entra import anchors
from adsyncdiag.connectors.entra.attributes import COLLECTIONS, identifying, selected
from adsyncdiag.connectors.entra.convert import source_anchor
from adsyncdiag.connectors.entra.http import GraphSession
from adsyncdiag.connectors.entra.odata import equals, path, select
from adsyncdiag.connectors.entra.payload import Payload, flag, text, texts
from adsyncdiag.connectors.entra.reply import refused

READ_PERMISSIONS = {
    "user": "User.Read.All",
    "group": "Group.Read.All",
    "contact": "OrgContact.Read.All",
    "device": "Device.Read.All",
}


@dataclass(slots=True)
class Matching:
    """Look-ups in one tenant; nothing is remembered."""

    http: GraphSession

    def by_id(self, object_type: str, object_id: str, *, whole: bool = True) -> Payload | None:
        """Return the object with this id, or None when it is gone; *whole*: all mapped properties, else who it is.

        Raises:
            ConnectorRefused: The application may not read it.
        """
        if not object_id:
            return None  # /users/ would be the whole collection
        asked = selected(object_type) if whole else identifying(object_type)
        return self._one(object_type, path(COLLECTIONS[object_type], object_id), asked)

    def by_anchor(self, object_type: str, anchor: str) -> Payload | None:
        """Return the object that carries this source anchor, or None; contacts carry none in Graph."""
        asked = selected(object_type)
        if object_type == "group":
            # Hexadecimal needs no quoting, and the alternate key is a read by key: no index lag after a write (4.5).
            return self._one("group", f"/groups(uniqueName='{anchors.unique_name(anchor)}')", asked) if anchor else None
        if object_type == "user":
            return self._exact("user", anchor, equals("onPremisesImmutableId", anchor), asked)
        if object_type == "device" and (device_id := anchors.device_id_of(anchor)):
            return self._exact("device", anchor, equals("deviceId", device_id), asked)
        return None

    def adoptable_groups(self, display_name: str) -> tuple[Payload, ...]:
        """Return the groups of this displayName that could be taken for ours.

        Without a uniqueName, masters elsewhere, mail, dynamic membership or assignable roles: those belong to somebody.
        """
        asked = (*selected("group"), "groupTypes", "mailEnabled", "isAssignableToRole")
        query = f"/groups?{equals('displayName', display_name)}&{select(dict.fromkeys(asked))}"
        found = self.http.pages(query, "read groups", READ_PERMISSIONS["group"])
        return tuple(
            entry
            for entry in found
            if text(entry, "displayName") == display_name
            and not text(entry, "uniqueName")
            and not texts(entry, "groupTypes")
            and not any(flag(entry, name) for name in ("onPremisesSyncEnabled", "mailEnabled", "isAssignableToRole"))
        )

    def exists(self, object_id: str) -> bool:
        """Say whether the tenant shows any object with this id; a refusal counts as no."""
        return self.http.get(f"{path('directoryObjects', object_id)}?{select(['id'])}").fine

    def _one(self, object_type: str, where: str, asked: tuple[str, ...]) -> Payload | None:
        reply = self.http.get(f"{where}?{select(asked)}")
        if reply.status == 404:
            return None
        if not reply.fine:
            raise refused(reply, f"read {COLLECTIONS[object_type]}", READ_PERMISSIONS[object_type])
        return reply.body if text(reply.body, "id") else None

    def _exact(self, object_type: str, anchor: str, query: str, asked: tuple[str, ...]) -> Payload | None:
        if not anchor:
            return None
        collection = COLLECTIONS[object_type]
        found = self.http.pages(
            f"/{collection}?{query}&{select(asked)}", f"read {collection}", READ_PERMISSIONS[object_type]
        )
        return next((entry for entry in found if source_anchor(object_type, entry) == anchor), None)
