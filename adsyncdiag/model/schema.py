"""The schema of a connector or of the metaverse, as the server export describes it (server-export.md 4, 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from adsyncdiag.model.values import AttributeType


class AttributeSchema(NamedTuple):
    """One attribute: its type, multiplicity and limits."""

    name: str
    type: AttributeType
    multi_valued: bool = False
    syntax: str = ""
    """The LDAP syntax OID it was derived from, for messages and for decoding LDAP bytes."""
    indexed: bool = False
    read_only: bool = False
    export_only: bool = False
    max_length: int | None = None


class ClassSchema(NamedTuple):
    """One object class with the attributes of its whole chain (superior classes and DIT content rules included)."""

    name: str
    superior: str | None
    attributes: frozenset[str]
    structural: bool = True


@dataclass(frozen=True)
class Schema:
    """All attributes and classes of one side; names in the schema's spelling."""

    attributes: Mapping[str, AttributeSchema]
    classes: Mapping[str, ClassSchema] = field(default_factory=dict)

    def attribute(self, name: str) -> AttributeSchema | None:
        """Return the attribute of exactly this spelling, or None."""
        return self.attributes.get(name)

    def spelling(self, name: str) -> str | None:
        """Return the schema's spelling of *name* whatever its case, or None for an unknown attribute."""
        return name if name in self.attributes else self._folded.get(name.lower())

    def class_has(self, object_type: str, name: str) -> bool:
        """Say whether objects of *object_type* may carry *name*; `*` stands for any class."""
        if object_type == "*":
            return name in self.attributes
        found = self.classes.get(object_type)
        return found is not None and name in found.attributes

    def most_specific(self, object_classes: Iterable[str]) -> str | None:
        """Return the most derived structural class among *object_classes*, in the schema's spelling.

        AD lists objectClass from `top` down, yet other writers of LDIF do not: depth in the chain decides, and where two
        are equally deep the later one (the cmdlet takes the last value). None when the schema knows none of them.
        """
        best, depth = None, -1
        for name in object_classes:
            known = self.classes.get(name) or self._classes_folded.get(name.lower())
            if known is not None and known.structural and (deep := self._depth(known)) >= depth:
                best, depth = known.name, deep
        return best

    def _depth(self, entry: ClassSchema) -> int:
        depth, seen = 0, {entry.name}
        while entry.superior and entry.superior not in seen and entry.superior in self.classes:
            seen.add(entry.superior)
            entry = self.classes[entry.superior]
            depth += 1
        return depth

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {name.lower(): name for name in self.attributes}

    @cached_property
    def _classes_folded(self) -> dict[str, ClassSchema]:
        return {name.lower(): entry for name, entry in self.classes.items()}
