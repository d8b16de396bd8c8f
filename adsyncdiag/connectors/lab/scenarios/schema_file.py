"""Schemas in DSML 1.0, in the two spellings of the server export (server-export.md 4, 5)."""

from __future__ import annotations

from collections.abc import Sequence

from adsyncdiag.connectors.lab.scenarios.schema_notation import AttributeEntry, ClassEntry
from adsyncdiag.connectors.lab.scenarios.xml_text import around, element

DSML = "http://www.dsml.org/DSML"
MMS = "http://www.microsoft.com/MMS/DSML"


def prefixed_schema(attributes: Sequence[AttributeEntry], classes: Sequence[ClassEntry], anchor: str = "") -> str:
    """Return the schema of the metaverse or of the Entra connector: names as ids, `single-value` always said.

    *anchor* names the attribute that identifies objects; the metaverse has none.
    """
    lines = [
        f'<dsml:dsml xmlns:ms-dsml="{MMS}" xmlns:dsml="{DSML}">',
        '<dsml:directory-schema ms-dsml:no-objectclass-validation="true">',
    ]
    for entry in classes:
        refs = "".join(_anchor_or(name, anchor) for name in entry.attributes)
        lines.append(
            f'<dsml:class id="{entry.name}" type="{entry.kind}"><dsml:name>{entry.name}</dsml:name>{refs}</dsml:class>'
        )
    for found in attributes:
        flags = f'single-value="{str(not found.multi_valued).lower()}"'
        flags += ' ms-dsml:indexable="true"' if found.indexed else ""
        lines.append(
            f'<dsml:attribute-type id="{found.name}" {flags}><dsml:name>{found.name}</dsml:name>'
            f"<dsml:syntax>{found.syntax}</dsml:syntax></dsml:attribute-type>"
        )
    lines += ["</dsml:directory-schema>", "</dsml:dsml>"]
    return around("schema", ("\n".join(lines),))


def _anchor_or(name: str, anchor: str) -> str:
    if name == anchor:
        return f'<dsml:attribute ref="#{name}" required="true" ms-dsml:isAnchor="true" />'
    return f'<dsml:attribute ref="#{name}" required="false" />'


def forest_schema(attributes: Sequence[AttributeEntry], classes: Sequence[ClassEntry]) -> str:
    """Return an Active Directory schema: opaque ids, a superior chain, DIT content rules, no word on multi-valued ones."""
    ids = {entry.name: f"A{number}" for number, entry in enumerate(attributes, 1)}
    class_ids = {entry.name: f"C{number}" for number, entry in enumerate(classes, 1)}
    lines = [f'<dsml xmlns="{DSML}" xmlns:m="{MMS}"><directory-schema>']
    lines += [_attribute_type(entry, ids[entry.name]) for entry in attributes]
    for entry in classes:
        superior = f' superior="#{class_ids[entry.superior]}"' if entry.superior else ""
        lines.append(
            f'<class id="{class_ids[entry.name]}"{superior} type="{entry.kind}">{element("name", entry.name)}'
            f"{_refs(entry.attributes, ids)}</class>"
        )
    for entry in classes:
        if entry.rule:
            rule = f'm:dit-content-rule id="{class_ids[entry.name]}"'
            lines.append(f"<{rule}>{_refs(entry.rule, ids)}</m:dit-content-rule>")
    return around("schema", ("\n".join(lines), "</directory-schema></dsml>"))


def _attribute_type(entry: AttributeEntry, identifier: str) -> str:
    flags = "" if entry.multi_valued else ' single-value="true"'
    flags += ' user-modification="false"' if entry.read_only else ""
    flags += f' m:range-upper="{entry.limit}"' if entry.limit else ""
    return f'<attribute-type id="{identifier}"{flags}>{element("name", entry.name)}{element("syntax", entry.syntax)}</attribute-type>'


def _refs(names: Sequence[str], ids: dict[str, str]) -> str:
    return "".join(f'<attribute ref="#{ids[name]}" required="false" />' for name in names)
