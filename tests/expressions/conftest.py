"""Objects as the two connectors import them, for expressions to read."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from adsyncdiag.model.values import Reference, Value


@pytest.fixture(scope="session")
def generated() -> Callable[[str, int], list[dict[str, Value]]]:
    """Generate AD objects of a type (user, group, contact, computer), the same ones each time."""
    return _generated


def _generated(object_type: str, count: int) -> list[dict[str, Value]]:
    dice = random.Random(f"{object_type} 2026")
    return [_OBJECTS[object_type](dice, number) for number in range(count)]


def _named(dice: random.Random, number: int, prefix: str) -> dict[str, Value]:
    name = f"{prefix} {number}" + dice.choice(["", " Müller", " O'Neil", "😀", "\\0ACNF:1f05"])
    found: dict[str, Value] = {
        "dn": f"CN={name.replace(',', chr(92) + ',')},OU=Corp,DC=contoso,DC=com",
        "cn": name,
        "objectGUID": dice.randbytes(16),
        "mail": f"u{number}@contoso.com",
        "mailNickname": dice.choice([f"u{number}", "CAS_{x}", "SystemMailbox{1}"]),
        "displayName": dice.choice([name, " padded "]),
        "description": ("first ", "second")[: dice.randint(1, 2)],
        "proxyAddresses": tuple([f"SMTP:u{number}@contoso.com", "x500:/o=x", " smtp:a@b "][: dice.randint(1, 3)]),
        "info": "ä" * dice.choice([1, 500]),
    }
    for optional in list(found):
        if optional not in ("dn", "cn", "objectGUID") and dice.random() < 0.3:
            del found[optional]
    return found


def _user(dice: random.Random, number: int) -> dict[str, Value]:
    found = _named(dice, number, "User") | {
        "sAMAccountName": dice.choice([f"u{number}", "MSOL_1", "AAD_2"]),
        "userAccountControl": dice.choice([512, 514, 66048]),
        "objectSid": bytes.fromhex("010500000000000515000000010000000200000003000000") + number.to_bytes(4, "little"),
        "pwdLastSet": dice.choice([0, 130543784930000000]),
    }
    if dice.random() < 0.5:
        found |= {
            "userPrincipalName": f"u{number}@contoso.com",
            "msExchRecipientTypeDetails": dice.choice([1, 2, 4096]),
        }
    return found


def _group(dice: random.Random, number: int) -> dict[str, Value]:
    members = tuple(Reference(f"CN=User {index},OU=Corp,DC=contoso,DC=com") for index in range(dice.randint(1, 5)))
    return _named(dice, number, "Group") | {"groupType": dice.choice([-2147483646, 8]), "member": members}


def _contact(dice: random.Random, number: int) -> dict[str, Value]:
    return _named(dice, number, "Contact")


def _computer(dice: random.Random, number: int) -> dict[str, Value]:
    return _named(dice, number, "Computer") | {"userAccountControl": 4096, "userCertificate": (b"\x30\x82",)}


_OBJECTS = {"user": _user, "group": _group, "contact": _contact, "computer": _computer}
