"""The names one object goes by: source anchor, connector-space DN, cloud anchor, and Graph's id and uniqueName.

* source anchor   `+KWG5q7DgkSPL9BMLrxRGQ==`                   from on-premises, for life; case matters
* DN              `CN={2B4B5747...3D3D}`                       upper-case hex of the anchor's UTF-8 (engine.md 1.12)
* uniqueName      `2b4b5747...3d3d`                            the same in lower case, the alternate key of groups that we made
* cloud anchor    `User_6e3b1c1e-...`                          the type and the object's id in the tenant
"""

from __future__ import annotations

import base64
import binascii
import re
from uuid import UUID

from adsyncdiag.model.names import Dn

_DN = re.compile(r"CN=\{([0-9A-F]+)\}\Z", re.IGNORECASE)
_ID = re.compile(r"[0-9A-Za-z-]{1,64}\Z")
_CLOUD_ANCHOR = re.compile(r"(?:User|Group|Contact|Device)_[0-9a-f-]{36}\Z", re.IGNORECASE)


def dn_text(anchor: str) -> str:
    """Return the connector-space DN of the object with this source anchor."""
    return f"CN={{{_utf8(anchor).hex().upper()}}}"


def dn_of(anchor: str) -> Dn:
    """Return the connector-space DN of the object with this source anchor."""
    return Dn.parse(dn_text(anchor))


def source_anchor_of(dn: str) -> str:
    """Return the source anchor that a connector-space DN spells; "" for a DN that spells none."""
    found = _DN.match(dn.strip())
    return from_unique_name(found.group(1).lower()) if found else ""


def unique_name(anchor: str) -> str:
    """Return the uniqueName of the group with this source anchor (cmdlets-and-graph.md 4.3)."""
    return _utf8(anchor).hex()


def from_unique_name(name: str) -> str:
    """Return the source anchor that a uniqueName spells; "" for the name of a group that we did not make."""
    try:
        anchor = bytes.fromhex(name).decode("utf-8")
    except ValueError:
        return ""
    return anchor if unique_name(anchor) == name else ""


def cloud_anchor(object_type: str, object_id: str) -> str:
    """Return the cloud anchor, such as `User_<id>`."""
    return f"{object_type.capitalize()}_{object_id}"


def object_id(anchor: str) -> str:
    """Return the object's id: what follows the first `_` of a cloud anchor; "" when that could be no id.

    Ids go into paths, and gateways decode a `%2F` before they look at the path: encoding alone would not keep them in.
    """
    found = anchor.partition("_")[2]
    return found if _ID.match(found) else ""


def looks_like_cloud_anchor(anchor: str) -> bool:
    """Say whether *anchor* is a cloud anchor; the DN of an object without a source anchor is made of it."""
    return _CLOUD_ANCHOR.match(anchor) is not None


def device_anchor(device_id: str) -> str:
    """Return the source anchor of a device: its objectGUID, which is the deviceId, in base64 (engine.md 3.3)."""
    try:
        return base64.b64encode(UUID(device_id).bytes_le).decode()
    except ValueError:
        return ""


def device_id_of(anchor: str) -> str:
    """Return the deviceId of the device with this source anchor; "" when the anchor is no GUID in base64."""
    try:
        return str(UUID(bytes_le=base64.b64decode(anchor, validate=True)))
    except (ValueError, binascii.Error):
        return ""


def _utf8(anchor: str) -> bytes:
    return anchor.encode("utf-8", "surrogatepass")
