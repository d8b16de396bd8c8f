"""What the templates show, prepared: identifiers, links between the tabs, the order of rows, the content policy."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Generic, TypeVar

from adsyncdiag.model.trace import Failure, HopState, Json, ModifiedProperty, Status, StepType
from adsyncdiag.report.document import AttributeFlow, Document, Join, MetaverseAttribute, Row, Rule, Step
from adsyncdiag.report.naming import error_category, failing_step, run_failure, words
from adsyncdiag.report.picture import Picture, Place, in_a_column, in_a_row
from adsyncdiag.report.wording import called, headline, held_back

_OPERATIONS = {"add": 0, "delete": 1, "update": 2, "none": 3}
"""The product's order of attribute rows (cmdlets-and-graph.md 1.6)."""
_NOT_IN_IDS = re.compile(r"\W", re.ASCII)
_T = TypeVar("_T")


@dataclass(slots=True)
class Anchors:
    """Gives out identifiers of elements, each once; a second taker of the same gets `-2` behind it."""

    taken: dict[str, int] = field(default_factory=dict)

    def take(self, prefix: str, name: str) -> str:
        """Return *prefix* and *name*, non-word characters replaced as the product does, unused so far."""
        wanted = f"{prefix}-{_NOT_IN_IDS.sub('_', name)[:80]}"
        identifier, number = wanted, 1
        while identifier in self.taken:
            number = max(number, self.taken[wanted]) + 1
            identifier = f"{wanted}-{number}"
        self.taken[wanted] = number
        self.taken[identifier] = number
        return identifier


@dataclass(frozen=True, slots=True)
class Linked(Generic[_T]):
    """Anything with a row of its own: its identifier, and the identifier of the row it links to ("" for none)."""

    id: str
    link: str
    row: _T


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One attribute flow with the direction of its rule, and the identifier of the rule's row ("" for none)."""

    link: str
    direction: str
    flow: AttributeFlow


@dataclass(frozen=True, slots=True)
class Card:
    """One step as a card."""

    step: Step
    id: str
    body: str
    open: bool
    category: str
    details: tuple[tuple[str, Json], ...]
    rows: tuple[Linked[Row], ...]
    changed: int
    columns: tuple[bool, bool, bool]
    """Whether any row names a rule, a mapping type, a data source; a column that would be empty is left out (1.6)."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: the identifier of its panel, its documented name, its template."""

    id: str
    name: str
    template: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the templates read."""

    headline: str
    called: str
    held_back: bool
    tabs: tuple[Tab, ...]
    failed: Step | None
    failure: Failure | None
    category: str
    paths: tuple[Picture, ...]
    remarks: tuple[Place, ...]
    """The places of the path with something to say."""
    cards: tuple[Card, ...]
    troubled: tuple[Card, ...]
    """Steps that had trouble without ending the run."""
    modified: tuple[Linked[ModifiedProperty], ...]
    rules: tuple[Linked[Rule], ...]
    joins: tuple[Linked[Join], ...]
    flows: tuple[FlowLine, ...]
    metaverse: tuple[Linked[MetaverseAttribute], ...]


def page(document: Document) -> Page:
    """Return the page of *document*."""
    anchors = Anchors()
    rules = tuple(Linked(anchors.take("rules", rule.id), "", rule) for rule in document.rules)
    by_id = {rule.id: linked.id for linked, rule in reversed(tuple(zip(rules, document.rules, strict=True)))}
    by_name = {rule.name: by_id[rule.id] for rule in reversed(document.rules)}
    failed, failure = failing_step(document), run_failure(document)
    cards = tuple(_card(step, step is failed, by_name, anchors) for step in document.steps)
    paths = (in_a_row(document.path), in_a_column(document.path)) if document.path else ()
    return Page(
        headline=headline(document),
        called=called(document),
        held_back=held_back(document),
        tabs=_tabs(document),
        failed=failed,
        failure=failure,
        category=error_category(failure.code) if failure else "",
        paths=paths,
        remarks=_remarks(paths),
        cards=cards,
        troubled=tuple(card for card in cards if card.step.failure is not None and card.step is not failed),
        modified=_modified(document, cards, anchors),
        rules=rules,
        joins=tuple(Linked("", by_id.get(join.rule, ""), join) for join in document.joins),
        flows=_flows(document, by_id),
        metaverse=tuple(
            Linked(anchors.take("metaverse", entry.name), by_name.get(entry.rule, ""), entry)
            for entry in document.metaverse.attributes
        ),
    )


def content_policy(style: str, script: str) -> str:
    """Return the content security policy that lets exactly *style* and *script* run and nothing be fetched."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def is_compact(value: Json) -> bool:
    """Say whether *value* is a list of short names, to be set in a line instead of below each other."""
    return isinstance(value, list) and all(isinstance(v, str) and len(v) <= 40 and "," not in v for v in value)


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _tabs(document: Document) -> tuple[Tab, ...]:
    """Return the four documented tabs, then those that have something to show."""
    tabs = [
        Tab("steps", "Steps", "tab_steps.html.j2"),
        Tab("troubleshooting", "Troubleshooting & Recommendation", "tab_troubleshooting.html.j2"),
        Tab("modifiedproperties", "Modified Properties", "tab_modified_properties.html.j2"),
        Tab("summary", "Summary", "tab_summary.html.j2"),
    ]
    if document.rules or document.joins or document.flows:
        tabs.append(Tab("rules", "Rules", "tab_rules.html.j2"))
    if document.metaverse:
        tabs.append(Tab("metaverse", "Metaverse", "tab_metaverse.html.j2"))
    return tuple(tabs)


def _card(step: Step, failed: bool, rule_ids: Mapping[str, str], anchors: Anchors) -> Card:
    body = f"steps-step{step.number}"
    rows = sorted(step.rows, key=lambda row: (_OPERATIONS.get(row.operation, 4), row.name.casefold()))
    return Card(
        step=step,
        id=f"steps/{step.number}",
        body=body,
        open=failed or step.status is Status.WARNING,
        category=error_category(step.failure.code) if step.failure else "",
        details=tuple((words(key), value) for key, value in step.details.items()),
        rows=tuple(Linked(anchors.take(body, row.name), rule_ids.get(row.rule, ""), row) for row in rows),
        changed=sum(row.operation != "none" for row in rows),
        columns=(any(r.rule for r in rows), any(r.mapping for r in rows), any(r.data_source for r in rows)),
    )


def _modified(document: Document, cards: Iterable[Card], anchors: Anchors) -> tuple[Linked[ModifiedProperty], ...]:
    """Link each modified property to its attribute's row in the export step."""
    exported: dict[str, str] = {}
    for card in cards:
        if card.step.type is StepType.EXPORT:
            exported |= {linked.row.name.casefold(): linked.id for linked in card.rows}
    return tuple(
        Linked(anchors.take("modifiedproperties", change.name), exported.get(change.attribute.casefold(), ""), change)
        for change in document.modified
    )


def _remarks(paths: tuple[Picture, ...]) -> tuple[Place, ...]:
    if not paths:
        return ()
    return tuple(place for place in paths[0].places if place.hop.note and place.hop.state is not HopState.NOT_REACHED)


def _flows(document: Document, rule_ids: Mapping[str, str]) -> tuple[FlowLine, ...]:
    """Order flows by direction and attribute, the winner of each first, then by precedence; those of unlisted rules last.

    An unlisted rule is one of another connector's that contributed to the metaverse object before this run.
    """
    directions = {rule.id: rule.direction for rule in document.rules}
    lines = [FlowLine(rule_ids.get(f.rule, ""), directions.get(f.rule, ""), f) for f in document.flows]
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                line.direction or "~",
                line.flow.attribute.casefold(),
                not line.flow.won,
                line.flow.precedence,
            ),
        )
    )
