"""All default rules of the lab's server, numbered as the product numbers them (engine.md 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from adsyncdiag.connectors.lab.scenarios import rules_entra, rules_groups, rules_users, rules_write_back
from adsyncdiag.connectors.lab.scenarios.identifiers import identifier
from adsyncdiag.connectors.lab.scenarios.rule_notation import EACH_FOREST
from adsyncdiag.model.rules import SyncRule

_ORDER: tuple[SyncRule, ...] = (
    *rules_users.RULES,
    *rules_groups.GROUPS,
    *rules_groups.CONTACTS,
    *rules_entra.FROM_ENTRA,
    *rules_entra.USERS,
    *rules_entra.CONTACTS,
    *rules_entra.GROUPS,
    *rules_entra.OFFICE,
    *rules_entra.FROM_EXCHANGE_ONLINE,
    *rules_write_back.RULES,
    *rules_groups.COMPUTERS,
    *rules_entra.DEVICES,
    *rules_groups.DEVICES,
)


def default_rules(forests: Sequence[UUID]) -> tuple[SyncRule, ...]:
    """Return the default rules for AD connectors *forests*, in the order they were added, numbered from 100.

    The order of the names is fixed; within one name the forests follow one another, so the numbers shift (engine.md 3).
    """
    placed: list[SyncRule] = []
    for entry in _ORDER:
        for connector in forests if entry.connector == EACH_FOREST else (entry.connector,):
            found = identifier("rule", str(connector), entry.name)
            placed.append(replace(entry, id=found, connector=connector, precedence=100 + len(placed)))
    return tuple(placed)
