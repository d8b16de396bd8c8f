"""The lab's forests as one LDIF file, and the table of what is in them."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios import forest_failures, forest_groups, forest_people
from adsyncdiag.connectors.lab.scenarios.entries import Entry, LabObject
from adsyncdiag.connectors.lab.scenarios.places import containers


def forest() -> tuple[Entry, ...]:
    """Return every object of both forests, containers first."""
    return (
        *containers(),
        *forest_people.people(),
        *forest_people.odd_names(),
        *forest_people.hidden(),
        *forest_groups.groups(),
        *forest_groups.contacts(),
        *forest_groups.computers(),
        *forest_failures.out_of_scope(),
        *forest_failures.filtered_inbound(),
        *forest_failures.filtered_outbound(),
        *forest_failures.rule_errors(),
        *forest_failures.export_errors(),
    )


def table(entries: tuple[Entry, ...]) -> tuple[LabObject, ...]:
    """Return the rows, by the step that fails; the objects that arrive come first, testobject before all."""
    rows = [found.row for found in entries if found.row is not None]
    return tuple(sorted(rows, key=lambda row: (row.dn != forest_people.TESTOBJECT, row.expected_step)))


def unreadable() -> tuple[str, ...]:
    """Return the DNs that the connector account may not read."""
    return tuple(found.dn for found in forest_people.hidden())
