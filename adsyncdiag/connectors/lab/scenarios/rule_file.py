"""One `SynchronizationRule_{GUID}.xml`: the twenty children in their order (server-export.md 1)."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios.identifiers import lower
from adsyncdiag.connectors.lab.scenarios.schema_notation import attributes_read
from adsyncdiag.connectors.lab.scenarios.xml_text import around, element
from adsyncdiag.model.rules import Flow, FlowKind, JoinClause, ScopeClause, SyncRule

_NOBODY = "{00000000-0000-0000-0000-000000000000}"


def rule_file(entry: SyncRule) -> str:
    """Return the text of the file for one rule."""
    identifier = lower(entry.id)
    children = (
        element("id", identifier),
        element("internal-id", identifier),
        element("version", str(entry.version)),
        element("name", entry.name),
        element("description", entry.description),
        element("immutable-tag", entry.immutable_tag),
        element("direction", entry.direction.value),
        element("disabled", str(entry.disabled)),
        element("connector", lower(entry.connector)),
        element("sourceObjectType", entry.source_type),
        element("targetObjectType", entry.target_type),
        element("linkType", entry.link_type.value),
        element("precedence", str(entry.precedence)),
        element("precedence-after", _NOBODY),
        element("precedence-before", _NOBODY),
        element("softDeleteExpiryInterval", "00:00:00"),
        element("EnablePasswordSync", str(entry.password_sync).lower()),
        around("attribute-mappings", (f"\n{_mapping(flow)}" for flow in entry.flows)),
        around("relationshipCriteria", (around("conditions", map(_condition, group)) for group in entry.joins)),
        around("synchronizationCriteria", (around("conditions", map(_scope, group)) for group in entry.scope)),
    )
    return "\n".join(("<synchronizationRule>", *children, "</synchronizationRule>", ""))


def _mapping(flow: Flow) -> str:
    head = '<mapping execute-once="true">' if flow.execute_once else "<mapping>"
    return f"{head}{element('dest', flow.target)}{_source(flow)}{element('valueMergeType', flow.merge.value)}</mapping>"


def _source(flow: Flow) -> str:
    if flow.kind is FlowKind.DIRECT:
        return around("src", (element("attr", flow.text),))
    if flow.kind is FlowKind.CONSTANT:
        return element("src", flow.text)
    read = attributes_read(flow.text)
    hint = around("src", (element("attr", name) for name in read)) if read else ""
    return hint + element("expression", flow.text)


def _condition(clause: JoinClause) -> str:
    sides = element("csAttribute", clause.cs_attribute) + element("ilmAttribute", clause.mv_attribute)
    return around("condition", (element("caseSensitive", "True") if clause.case_sensitive else "", sides))


def _scope(clause: ScopeClause) -> str:
    parts = (("csAttribute", clause.attribute), ("csOperator", clause.operator.value), ("csValue", clause.value))
    return around("scope", (element(name, text) for name, text in parts))
