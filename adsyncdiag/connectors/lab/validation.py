"""What Graph checks of a value and of an object before it writes them (cmdlets-and-graph.md 4.1, 4.3, 4.4).

The order of the checks is that of an answer with one error: property names, types, rights, required properties, values,
then what has to be unique in the tenant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from adsyncdiag.connectors.lab.directory import Directory
from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.problems import (
    Problem,
    bad_request,
    conflict,
    invalid_value,
    malformed,
    no_right,
    read_only,
    required,
    unverified_domain,
)
from adsyncdiag.connectors.lab.properties import BETA_ON_PREMISES, PROPERTIES, Property
from adsyncdiag.connectors.lab.tenant import domains_of

_UPN = re.compile(r"[A-Za-z0-9'._!#^~-]+@[A-Za-z0-9.-]+\Z")
_NICKNAME = re.compile(r"[\x21-\x7e]+\Z")
_NICKNAME_FORBIDDEN = frozenset('@()\\[]";:<>, ')
_ADDRESS = re.compile(r"[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d))?\Z")
_EXTENSION = re.compile(r"extensionAttribute([1-9]|1[0-5])\Z")
_EDM = {"string": "Edm.String", "boolean": "Edm.Boolean", "datetime": "Edm.DateTimeOffset", "integer": "Edm.Int32"}
_PYTHON = {
    "string": str,
    "boolean": bool,
    "datetime": str,
    "integer": int,
    "strings": list,
    "objects": list,
    "object": dict,
}
_NEVER_NULL = frozenset({"accountEnabled", "displayName", "mailNickname", "userPrincipalName", "usageLocation",
                         "mailEnabled", "securityEnabled"})  # fmt: skip


def check_properties(body: Mapping[str, Json], kind: str, before: Entity | None, *, beta: bool = False) -> Entity:
    """Return what *body* sets, checked for names, types, rights and values; raise `Problem`.

    *before* is the object as it is, None when it is created. Annotations (`@odata.type`, ...) are left out. A value
    that the object already has is accepted for properties that are fixed at creation.
    """
    table = PROPERTIES[kind]
    changes: Entity = {}
    for name, value in body.items():
        if "@" in name:
            continue
        definition = table.get(name)
        if definition is None:
            raise bad_request(f"Invalid property '{name}'.")
        _check_type(definition, value)
        _check_access(definition, value, before, beta=beta and kind == "users")
        changes[name] = value
    for name, value in changes.items():
        _check_value(table[name], value, kind, creating=before is None)
    return changes


def check_required(entity: Entity, kind: str) -> None:
    """Raise `Problem` for the first property that creating an object of *kind* needs and *entity* lacks."""
    profile = entity.get("passwordProfile")
    for name in (
        "accountEnabled",
        "displayName",
        "mailNickname",
        "userPrincipalName",
        "mailEnabled",
        "securityEnabled",
    ):
        if name in PROPERTIES[kind] and entity.get(name) is None:
            raise required(kind, name)
    if kind == "users" and not (isinstance(profile, dict) and profile.get("password")):
        raise bad_request("A password must be specified to create a new user.")


def check_user_name(name: Json, organization: Entity, *, creating: bool, entity: Entity) -> None:
    """Raise `Problem` unless *name* is a user principal name under a verified domain.

    A new user under a federated domain needs an onPremisesImmutableId.
    """
    if not isinstance(name, str) or not _UPN.match(name):
        raise invalid_value("users", "userPrincipalName")
    local, _, suffix = name.rpartition("@")
    if len(local) > 64 or local.endswith("."):
        raise invalid_value("users", "userPrincipalName")
    domain = next((d for d in domains_of(organization) if d.name.lower() == suffix.lower()), None)
    if domain is None:
        raise unverified_domain()
    if creating and domain.federated and not entity.get("onPremisesImmutableId"):
        raise bad_request("One or more properties contains invalid values.")


def check_unique(entity: Entity, changes: Mapping[str, Json], kind: str, directory: Directory) -> None:
    """Raise `Problem` when another live object has a value that *changes* give *entity* and that is unique in the tenant."""
    own = str(entity["id"]).lower()
    names = ("userPrincipalName", "onPremisesImmutableId") if kind == "users" else ("uniqueName",)
    for name in names:
        if name in changes:
            _check_free(name, name, entity.get(name), own, directory)
    if "mail" in changes or "proxyAddresses" in changes:
        addresses = entity.get("proxyAddresses")
        for address in addresses if isinstance(addresses, list) else []:
            _check_free("proxyAddresses", "proxyAddresses", address, own, directory)
        _check_free("proxyAddresses", "mail", entity.get("mail"), own, directory)
    if kind == "groups" and "Unified" in str(entity.get("groupTypes")) and "mailNickname" in changes:
        _check_nickname(entity, own, directory)


def check_password(profile: Json, policies: Json) -> None:
    """Raise `Problem` unless the password has 8 to 256 characters of three of the four classes.

    `DisableStrongPassword` in *policies* asks for the length only (Learn, "Password policies in Microsoft Entra ID").
    """
    password = profile.get("password") if isinstance(profile, dict) else None
    if password is None:
        return
    classes = sum(bool(re.search(pattern, str(password))) for pattern in (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]"))
    strong = classes >= 3 or "DisableStrongPassword" in str(policies)
    if not isinstance(password, str) or not 8 <= len(password) <= 256 or not strong:
        raise bad_request(
            "The specified password does not comply with password complexity requirements. "
            "Please provide a different password."
        )


def with_mail(entity: Entity, before: Json) -> Entity:
    """Return *entity* with proxyAddresses that follow its mail; *before* is the mail it had.

    The address becomes the primary one, `SMTP:`, and the primary one so far an alias, `smtp:` (Learn, `user` resource,
    "mail and proxyAddresses"). Taking mail away takes the primary address away; that is this lab's choice.
    """
    mail = entity.get("mail")
    addresses = entity.get("proxyAddresses")
    kept: list[Json] = []
    for address in addresses if isinstance(addresses, list) else []:
        text = str(address)
        if isinstance(mail, str) and text[5:].casefold() == mail.casefold() and text[:5].casefold() == "smtp:":
            continue
        if text.startswith("SMTP:"):
            if mail is None and text[5:].casefold() == str(before).casefold():
                continue
            text = f"smtp:{text[5:]}" if mail is not None else text
        kept.append(text)
    if isinstance(mail, str):
        kept.insert(0, f"SMTP:{mail}")
    return entity | {"proxyAddresses": kept}


def _check_type(definition: Property, value: Json) -> None:
    if value is None:
        if definition.collection:
            raise bad_request(f"Property '{definition.name}' is not nullable.")
        return
    expected = _PYTHON[definition.type]
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is int):
        if definition.type in _EDM and not isinstance(value, list | dict):
            literal = {True: "true", False: "false"}[value] if isinstance(value, bool) else value
            raise malformed(f"Cannot convert the literal '{literal}' to the expected type '{_EDM[definition.type]}'.")
        raise malformed(
            f"An unexpected value was found for property '{definition.name}' when reading from the JSON reader."
        )
    if definition.type == "strings" and not all(isinstance(item, str) for item in _items(value)):
        raise malformed(f"Cannot convert an item of '{definition.name}' to the expected type 'Edm.String'.")
    if definition.type == "datetime" and not _MOMENT.match(str(value)):
        raise malformed(f"Cannot convert the literal '{value}' to the expected type 'Edm.DateTimeOffset'.")


def _check_access(definition: Property, value: Json, before: Entity | None, *, beta: bool) -> None:
    if definition.access == "write" or (beta and definition.name in BETA_ON_PREMISES):
        return
    if definition.access == "denied":
        raise no_right()
    if before is not None and (before.get(definition.name) or None) == (value or None):
        return
    if definition.access == "create":
        if before is None or (definition.name == "uniqueName" and not before.get("uniqueName")):
            return
        if definition.name == "mailEnabled":
            raise mail_enabled_group()
    raise read_only(definition.name)


def mail_enabled_group() -> Problem:
    """Graph makes security groups and Microsoft 365 groups only."""
    return bad_request(
        "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement "
        "property is unset and the security-enablement property is set."
    )


def _check_value(definition: Property, value: Json, kind: str, *, creating: bool) -> None:
    name = definition.name
    if value is None:
        if name in _NEVER_NULL and not creating:
            raise invalid_value(kind, name)
        return
    if isinstance(value, str) and (not value or (definition.limit and len(value) > definition.limit)):
        raise invalid_value(kind, name)
    if definition.collection and definition.limit and len(_items(value)) > definition.limit:
        raise invalid_value(kind, name)
    if not _acceptable(name, value):
        raise invalid_value(kind, name)


def _acceptable(name: str, value: Json) -> bool:
    """Apply the rules of single properties."""
    if name == "mailNickname":
        return bool(_NICKNAME.match(str(value))) and _NICKNAME_FORBIDDEN.isdisjoint(str(value))
    if name == "mail":
        return bool(_ADDRESS.match(str(value)))
    if name == "usageLocation":
        return bool(re.match(r"[A-Za-z]{2}\Z", str(value)))
    if name == "onPremisesImmutableId":
        return "$" not in str(value) and "_" not in str(value)
    if name == "otherMails":
        return all(len(str(item)) <= 250 and _ADDRESS.match(str(item)) for item in _items(value))
    if name == "businessPhones":
        return all(0 < len(str(item)) <= 64 for item in _items(value))
    if name == "onPremisesExtensionAttributes" and isinstance(value, dict):
        return all(
            _EXTENSION.match(key) and (item is None or (isinstance(item, str) and 0 < len(item) <= 1024))
            for key, item in value.items()
            if "@" not in key
        )
    return True


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()


def _check_free(reported: str, name: str, value: Json, own: str, directory: Directory) -> None:
    if not isinstance(value, str):
        return
    for identifier in directory.matching(name, value):
        holder = directory.find(identifier)
        if holder is not None and identifier != own:
            raise conflict(reported, holder[0], identifier)


def _check_nickname(entity: Entity, own: str, directory: Directory) -> None:
    for identifier in directory.matching("mailNickname", str(entity["mailNickname"])):
        other = directory.get("groups", identifier)
        if other is not None and identifier != own and "Unified" in str(other.get("groupTypes")):
            raise conflict("mailNickname", "groups", identifier)
