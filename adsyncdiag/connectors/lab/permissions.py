"""Which application permission a request needs (Microsoft Graph permissions reference; cmdlets-and-graph.md 4.9)."""

from __future__ import annotations

GRANTED = (
    "AuditLog.Read.All",
    "Device.Read.All",
    "Directory.Read.All",
    "Domain.Read.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "OnPremDirectorySynchronization.Read.All",
    "OrgContact.Read.All",
    "Organization.Read.All",
    "User.DeleteRestore.All",
    "User.ReadWrite.All",
)
"""What an application has when the tenant's file does not say."""

_DIRECTORY_READ = ("Directory.Read.All", "Directory.ReadWrite.All")
_USER_READ = ("User.Read.All", "User.ReadWrite.All", *_DIRECTORY_READ)
_GROUP_READ = (
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    *_DIRECTORY_READ,
)

_READ = {
    "users": _USER_READ,
    "groups": _GROUP_READ,
    "contacts": ("OrgContact.Read.All", *_DIRECTORY_READ),
    "devices": ("Device.Read.All", "Device.ReadWrite.All", *_DIRECTORY_READ),
    "organization": ("Organization.Read.All", "Organization.ReadWrite.All", *_USER_READ),
    "domains": ("Domain.Read.All", "Domain.ReadWrite.All", *_DIRECTORY_READ),
    "directory": ("OnPremDirectorySynchronization.Read.All", "OnPremDirectorySynchronization.ReadWrite.All"),
    "deletedItems": (*_USER_READ, "Group.Read.All", "Group.ReadWrite.All", "User.DeleteRestore.All"),
    "directoryObjects": (*_USER_READ, *_GROUP_READ),
    "servicePrincipals": ("Application.Read.All", "Application.ReadWrite.All", *_DIRECTORY_READ),
}
_WRITE = {
    "users": ("User.ReadWrite.All", "Directory.ReadWrite.All"),
    "groups": ("Group.ReadWrite.All", "Directory.ReadWrite.All"),
    "members": ("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"),
    "deletedItems": ("User.DeleteRestore.All", "User.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"),
}


def allowed(roles: tuple[str, ...], area: str, *, write: bool) -> bool:
    """Say whether *roles* suffice for reading or writing in *area* (`users`, `members`, ...); an unknown area needs none."""
    if area == "members" and not write:
        area = "groups"
    table = _WRITE if write else _READ
    wanted = table.get(area)
    return not wanted or not set(wanted).isdisjoint(roles)
