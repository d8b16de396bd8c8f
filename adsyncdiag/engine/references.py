"""References are links: a DN in a connector space becomes a metaverse object, and that an object of another space.

Resolved late (engine.md 1.10): a reference to an object that is not linked yet is no value, and its owner is
remembered, so that it can be synchronised again when the object becomes linked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from adsyncdiag.errors import UsageError
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import dn_key
from adsyncdiag.model.values import Reference, Scalar, Value, each
from adsyncdiag.ports import Reader


@dataclass(slots=True)
class InboundReferences:
    """Turns DNs of one connector space into metaverse references, and notes those that lead nowhere yet."""

    reader: Reader
    connector: UUID
    own: Mapping[str, UUID] = field(default_factory=dict)
    """Links that the plan under way makes and the store does not know yet, by folded DN."""
    missing: dict[str, str] = field(default_factory=dict)
    """Folded DN to the DN as spelt, of references that resolve to nothing."""

    def resolve(self, value: Value) -> Value | None:
        """Return *value* with every reference pointing into the metaverse; None when none resolves."""
        keys = {reference: self._key(reference) for reference in each(value) if isinstance(reference, Reference)}
        wanted = [key for key in keys.values() if key and key not in self.own]
        links = {**self.reader.linked(self.connector, wanted), **self.own}
        resolved: list[Scalar] = []
        for scalar in each(value):
            if not isinstance(scalar, Reference):
                continue
            found = links.get(keys[scalar])
            if found is not None:
                resolved.append(Reference(str(found)))
            else:
                self.missing[keys[scalar] or scalar.text] = scalar.text
        if not resolved:
            return None
        return tuple(dict.fromkeys(resolved)) if isinstance(value, tuple) else resolved[0]

    @staticmethod
    def _key(reference: Reference) -> str:
        try:
            return dn_key(Dn.parse(reference.text))
        except UsageError:
            return ""


@dataclass(slots=True)
class OutboundReferences:
    """Turns metaverse references into DNs of one target connector space, and notes those without a counterpart."""

    reader: Reader
    connector: UUID
    own: Mapping[UUID, str] = field(default_factory=dict)
    """The metaverse object of the plan under way and the DN its target object gets."""
    missing: list[UUID] = field(default_factory=list)

    def resolve(self, value: Value) -> Value | None:
        """Return *value* as references to objects of the target; None when none has a counterpart."""
        wanted = [UUID(scalar.text) for scalar in each(value) if isinstance(scalar, Reference)]
        known = self.reader.counterparts(self.connector, [i for i in wanted if i not in self.own])
        resolved: list[Scalar] = []
        for identifier in wanted:
            dn = self.own.get(identifier)
            if dn is None and identifier in known:
                dn = known[identifier].dn.text
            if dn is None:
                self.missing.append(identifier)
            else:
                resolved.append(Reference(dn))
        if not resolved:
            return None
        return tuple(dict.fromkeys(resolved)) if isinstance(value, tuple) else resolved[0]
