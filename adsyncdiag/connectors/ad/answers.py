"""The sentences for a read that brought no object; a live domain and a file use the same ones.

Active Directory does not tell an object that is absent from one that the account may not list: both give noSuchObject
([MS-ADTS] 3.1.1.4.3), so no sentence here claims more than that.
"""

from __future__ import annotations

from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Unreadable


def not_shown(where: str, dn: Dn, *, account: str = "", nearest: str = "", note: str = "") -> Unreadable:
    """Return the answer for noSuchObject, with the *nearest* container that *where* does show."""
    who = f"the connector account {account}" if account else "the connector account"
    known = f" The nearest container it shows is {nearest}." if nearest else ""
    tail = f" {note}" if note else ""
    return Unreadable(
        f"{where} shows no object {dn}: either there is none, or {who} may not see it; "
        f"Active Directory gives the same answer to both.{known}{tail}"
    )


def no_partition(connector: Connector, dn: Dn) -> str:
    """Return the note that *dn* lies in no domain of the connector; "" when it lies in one."""
    if connector.partition_of(dn) is not None:
        return ""
    domains = ", ".join(entry.dn.text for entry in connector.partitions if entry.dn is not None)
    return f"The connector {connector.name} covers {domains or 'no domain'} only."


def no_rights(where: str, dn: Dn, account: str) -> Unreadable:
    """Return the answer for insufficientAccessRights."""
    return Unreadable(f"{where} refuses to read {dn}: the connector account {account} lacks the right to.")


def nothing_readable(where: str, dn: Dn, attribute: str, *, account: str = "") -> Unreadable:
    """Return the answer for an entry without the *attribute* every object has: it may be listed, but not read."""
    who = f"the connector account {account}" if account else "the connector account"
    return Unreadable(
        f"{where} lists {dn} but shows no {attribute} of it: {who} lacks the right Read All Properties "
        "on the object or on a container above it."
    )


def held_elsewhere(where: str, dn: Dn, servers: tuple[str, ...]) -> Unreadable:
    """Return the answer for a referral: another server holds that part of the directory."""
    other = ", ".join(servers) if servers else "another server, without saying which"
    return Unreadable(
        f"{where} does not hold {dn}; it refers to {other}. Referrals are not followed, because the password would go "
        "to whatever server they name: the url has to name a domain controller of the object's own domain."
    )


def not_accepted(where: str, dn: Dn, message: str) -> Unreadable:
    """Return the answer for invalidDNSyntax: ours parsed the name, the server does not."""
    return Unreadable(f"{where} does not accept {dn} as a distinguished name: {message}")


def not_exported(where: str, dn: Dn, note: str = "") -> Unreadable:
    """Return the answer for a DN that an export file does not have."""
    tail = f" {note}" if note else ""
    return Unreadable(
        f"{where} has no entry {dn}: either there was no such object when it was exported, or the account that exported "
        f"it could not see it.{tail}"
    )


def exported_without(where: str, dn: Dn, attribute: str) -> Unreadable:
    """Return the answer for an exported entry without objectGUID or objectClass, and how to export it."""
    return Unreadable(
        f"{where} has {dn} without {attribute}, which identifies or types it: export every attribute "
        '(ldifde -f forest.ldf -d "DC=contoso,DC=com" -l *, or ldapsearch with *), as an account that may read them.'
    )


def exported_in_part(where: str, dn: Dn, attribute: str, count: int) -> Unreadable:
    """Return the answer for an exported entry of which only a range of values was exported."""
    return Unreadable(
        f"{where} has only {count} values of {attribute} of {dn}: a domain controller gives at most 1,500 values at a "
        "time and the tool that exported them did not ask for the rest. Working on would remove the missing ones."
    )
