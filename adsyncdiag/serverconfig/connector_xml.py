"""One `Connector_{GUID}.xml` (server-export.md 4).

Nothing sensitive gets into the model: encrypted values, cookies, watermarks, passwords and account names stay in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adsyncdiag.model.configuration import (
    ENTRA_CONNECTOR_ID,
    Connector,
    ConnectorKind,
    Partition,
    RunProfile,
    RunProfileStep,
    StepKind,
)
from adsyncdiag.model.names import Dn
from adsyncdiag.serverconfig.schema_xml import schema
from adsyncdiag.serverconfig.xml import Node, shown

ROOT = "ma-data"

_ENTRA_SUBTYPE = re.compile(r"(Windows Azure Active Directory|Microsoft Entra( ID)?)( \(Microsoft\))?\Z", re.IGNORECASE)
_SENSITIVE = re.compile(r"cookie|water-?mark|passw|pwd|secret|credential|login|user-?name|token", re.IGNORECASE)
_PRIVATE = ("private-configuration/adma-configuration", "private-configuration/MAConfig")

_STEPS: Mapping[str, Mapping[str, StepKind]] = {
    "full-import": {
        "to-cs": StepKind.FULL_IMPORT,
        "": StepKind.FULL_IMPORT_AND_SYNCHRONIZATION,
    },
    "delta-import": {
        "to-cs": StepKind.DELTA_IMPORT,
        "": StepKind.DELTA_IMPORT_AND_SYNCHRONIZATION,
    },
    "apply-rules": {
        "apply-pending": StepKind.DELTA_SYNCHRONIZATION,
        "reevaluate-flow-connectors": StepKind.FULL_SYNCHRONIZATION,
    },
    "export": {"": StepKind.EXPORT},
    "full-import-reevaluate-rules": {"": StepKind.FULL_IMPORT_AND_SYNCHRONIZATION},
}
"""Step type and subtype to meaning (server-export.md 4.3).

A full import without `to-cs` synchronises what is pending afterwards; the model has no such step, so it counts as the full
import with full synchronisation, which does at least as much. No export has been seen with one.
"""
_STEP_DATA = ("custom-data/adma-step-data", "custom-data/extensible2-step-data")


def connector(node: Node) -> Connector:
    """Return the connector that *node* describes."""
    identifier = node.identifier("id")
    kind = _kind(node.text("category"), node.text("subtype"))
    if identifier == ENTRA_CONNECTOR_ID:
        kind = ConnectorKind.ENTRA
    return Connector(
        id=identifier,
        name=node.required("name"),
        kind=kind,
        schema=schema(node),
        partitions=tuple(_partition(found, kind) for found in node.all("ma-partition-data/partition")),
        attribute_inclusion=frozenset(_texts(node, "attribute-inclusion/attribute")),
        run_profiles=tuple(_run_profile(found) for found in node.all("ma-run-data/run-configuration")),
        parameters={name: value for place in _PRIVATE for name, value in parameters(node, place, use="global").items()},
        password_hash_sync=node.flag(f"{_PRIVATE[0]}/password-hash-sync-config/enabled"),
        file=node.file,
    )


def parameters(node: Node, place: str, *, use: str) -> dict[str, str]:
    """Return the parameters at *place* that serve *use*, by name: what `%Name%` stands for (server-export.md 4.1).

    Encrypted ones are left out, and so is every name that speaks of an account, a secret or a position in a change log.
    """
    return {
        name: found.text()
        for found in node.all(f"{place}/parameter-values/parameter" if place else "parameter-values/parameter")
        if found.element.get("use") == use and _is_plain(found) and not _SENSITIVE.search(name := _name_of(found))
    }


def global_parameters(node: Node) -> dict[str, str]:
    """Return the global settings below the metaverse's *node*, by their full name (server-export.md 5)."""
    return {_name_of(found): found.text() for found in node.all("parameter-values/parameter") if _is_plain(found)}


def _name_of(node: Node) -> str:
    name = node.element.get("name", "").strip()
    if not name:
        raise node.error("has no name")
    return name


def _is_plain(node: Node) -> bool:
    return node.element.get("encrypted", "0") in ("0", "false") and "encrypted" not in node.element.get("type", "")


def _kind(category: str, subtype: str) -> ConnectorKind:
    if category == "AD":
        return ConnectorKind.ACTIVE_DIRECTORY
    if category == "Extensible2" and _ENTRA_SUBTYPE.match(subtype):
        return ConnectorKind.ENTRA
    return ConnectorKind.OTHER


def _partition(node: Node, kind: ConnectorKind) -> Partition:
    """Return a partition; only those of Active Directory have DNs."""
    of_a_forest = kind is ConnectorKind.ACTIVE_DIRECTORY
    return Partition(
        id=node.identifier("id"),
        name=node.required("name"),
        dn=node.name("name") if of_a_forest else None,
        selected=node.flag("selected"),
        object_types=_texts(node, "filter/object-classes/object-class"),
        excluded=_names(node, "filter/containers/exclusions/exclusion") if of_a_forest else (),
        included=_names(node, "filter/containers/inclusions/inclusion") if of_a_forest else (),
        parameters=parameters(node, "", use="partition"),
    )


def _run_profile(node: Node) -> RunProfile:
    return RunProfile(
        node.identifier("id"), node.required("name"), tuple(_step(found) for found in node.all("configuration/step"))
    )


def _step(node: Node) -> RunProfileStep:
    data = next((f"{place}/" for place in _STEP_DATA if node.child(place)), "")
    return RunProfileStep(
        _step_kind(node),
        node.identifier("partition"),
        batch_size=node.integer(f"{data}batch-size" if data else "threshold/batch-size", 0),
        page_size=node.integer(f"{data}page-size", 0) if data else 0,
        timeout=node.integer(f"{data}time-limit", 0) or node.integer(f"{data}timeout", 0) if data else 0,
    )


def _step_kind(node: Node) -> StepKind:
    found = node.child("step-type")
    if found is None:
        raise node.error("is missing", "step-type")
    word = found.element.get("type", "")
    subtypes = _texts(found, "import-subtype") + _texts(found, "apply-rules-subtype")
    kinds = _STEPS.get(word, {})
    # A profile made for debugging may add subtypes such as "to-file"; the one that is known decides.
    kind = next((kinds[subtype] for subtype in subtypes if subtype in kinds), kinds.get("") if not subtypes else None)
    if kind is None:
        raise found.error(
            f"the step {shown(' '.join((word, *subtypes)))} is unknown", hint=f"Known are: {', '.join(_STEPS)}."
        )
    return kind


def _texts(node: Node, path: str) -> tuple[str, ...]:
    return tuple(text for found in node.all(path) if (text := found.text()))


def _names(node: Node, path: str) -> tuple[Dn, ...]:
    return tuple(found.name() for found in node.all(path) if found.text())
