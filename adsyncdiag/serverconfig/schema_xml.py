"""The DSML schema of a connector or of the metaverse (server-export.md 4, 4.2, 5).

Elements are found by namespace: the AD connector writes DSML in the default namespace, the others with a prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from adsyncdiag.model.schema import AttributeSchema, ClassSchema, Schema
from adsyncdiag.model.values import AttributeType
from adsyncdiag.serverconfig.xml import Node, shown

_DSML = "{http://www.dsml.org/DSML}"
_MMS = "{http://www.microsoft.com/MMS/DSML}"
_SCHEMA = f"schema/{_DSML}dsml/{_DSML}directory-schema"

_LDAP = "1.3.6.1.4.1.1466.115.121.1."
_ADS = "1.2.840.113556.1.4."
SYNTAXES: Mapping[str, AttributeType] = {
    f"{_LDAP}5": AttributeType.BINARY,  # binary: Entra connector and metaverse
    f"{_LDAP}7": AttributeType.BOOLEAN,
    f"{_LDAP}12": AttributeType.REFERENCE,  # DN
    f"{_LDAP}15": AttributeType.STRING,  # directory string
    f"{_LDAP}24": AttributeType.STRING,  # generalized time, imported as text
    f"{_LDAP}26": AttributeType.STRING,  # IA5
    f"{_LDAP}27": AttributeType.NUMBER,  # 32 bit
    f"{_LDAP}36": AttributeType.STRING,  # numeric string
    f"{_LDAP}38": AttributeType.STRING,  # OID
    f"{_LDAP}40": AttributeType.BINARY,  # octet string: AD connector
    f"{_LDAP}43": AttributeType.STRING,  # presentation address
    f"{_LDAP}44": AttributeType.STRING,  # printable string
    f"{_LDAP}53": AttributeType.STRING,  # UTC time, imported as text
    f"{_ADS}903": AttributeType.STRING,  # DN with binary, in its string form
    f"{_ADS}904": AttributeType.STRING,  # DN with string, in its string form
    f"{_ADS}905": AttributeType.STRING,  # teletex, case ignored
    f"{_ADS}906": AttributeType.NUMBER,  # 64 bit
    f"{_ADS}907": AttributeType.BINARY,  # security descriptor
    # OR-Name. Microsoft's documenter calls it a string, yet authOrig and its three siblings flow into references.
    f"{_ADS}1221": AttributeType.REFERENCE,
    f"{_ADS}1362": AttributeType.STRING,  # case-exact string
}
"""Attribute syntax to type of the synchronisation engine; an OID that is not here is a string."""


@dataclass(slots=True)
class _Class:
    """A class while its chain is not followed yet; attribute sets hold names."""

    name: str
    superior: str
    structural: bool
    attributes: set[str] = field(default_factory=set)
    content_rule: set[str] = field(default_factory=set)


def schema(parent: Node) -> Schema:
    """Return the schema below *parent*, the root of a connector's file or the metaverse's `mv-data`.

    A class has the attributes of its chain of superiors and those of the DIT content rule with its own identifier, which
    carries its static auxiliary classes. The `aux-class` list of that rule is not followed: it names nearly every
    auxiliary class for nearly every class (server-export.md 4.2). References to attributes or classes that the schema
    lacks are passed over; the self-check says where a rule would have needed one.
    """
    node = parent.child(_SCHEMA)
    if node is None:
        raise parent.error("holds no DSML schema", "schema")
    names: dict[str, str] = {}
    attributes: dict[str, AttributeSchema] = {}
    for found in node.all(f"{_DSML}attribute-type"):
        entry = _attribute(found)
        if entry.name in attributes:
            raise found.error(f"the attribute {shown(entry.name)} is there twice")
        attributes[entry.name] = entry
        names[f"#{found.element.get('id', '')}"] = entry.name
    return Schema(attributes, _classes(node, names))


def _attribute(node: Node) -> AttributeSchema:
    element = node.element
    name, syntax = node.text(f"{_DSML}name"), node.text(f"{_DSML}syntax")
    if not name or not syntax:
        raise node.error(f"the attribute {shown(name or element.get('id', ''))} has no {'syntax' if name else 'name'}")
    longest = element.get(f"{_MMS}range-upper", "")
    return AttributeSchema(
        name,
        SYNTAXES.get(syntax, AttributeType.STRING),
        # AD leaves the word out for a multi-valued attribute, the others write it: one test serves both.
        multi_valued=element.get("single-value") != "true",
        syntax=syntax,
        indexed=element.get(f"{_MMS}indexable") == "true",
        read_only=element.get("user-modification") == "false",
        export_only=element.get(f"{_MMS}export-only") == "true",
        max_length=int(longest) if longest.isascii() and longest.isdigit() and len(longest) < 19 else None,
    )


def _classes(node: Node, names: Mapping[str, str]) -> dict[str, ClassSchema]:
    by_id: dict[str, _Class] = {}
    for found in node.all(f"{_DSML}class"):
        name = found.text(f"{_DSML}name")
        if not name:
            raise found.error(f"the class {shown(found.element.get('id', ''))} has no name")
        entry = _Class(name, found.element.get("superior", ""), found.element.get("type") == "structural")
        entry.attributes.update(_references(found.element, names))
        by_id[f"#{found.element.get('id', '')}"] = entry
    for found in node.all(f"{_MMS}dit-content-rule"):
        if (ruled := by_id.get(f"#{found.element.get('id', '')}")) is not None:
            ruled.content_rule.update(_references(found.element, names))
    classes = {entry.name: _closed(entry, by_id) for entry in by_id.values()}
    if len(classes) < len(by_id):
        raise node.error("two classes have one name")
    return classes


def _references(element: Element, names: Mapping[str, str]) -> Iterable[str]:
    refs = [child.get("ref", "") for child in element if child.tag == f"{_DSML}attribute"]
    return [names[ref] for ref in refs if ref in names]


def _closed(entry: _Class, by_id: Mapping[str, _Class]) -> ClassSchema:
    """Return the class with what it inherits."""
    chain = list(_chain(entry, by_id))
    inherited = frozenset().union(entry.content_rule, *(ancestor.attributes for ancestor in chain))
    return ClassSchema(entry.name, chain[1].name if len(chain) > 1 else None, inherited, entry.structural)


def _chain(entry: _Class, by_id: Mapping[str, _Class]) -> Iterator[_Class]:
    """Yield the class and its superiors, each once, even where the file makes them a circle."""
    seen: set[int] = set()
    following: _Class | None = entry
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = by_id.get(following.superior)
