"""The page: what a reader of the HTML finds, where, and that nothing in a value becomes markup."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsyncdiag.model.trace import Failure, Status, SyncRecord
from adsyncdiag.report.as_html import as_html, linked
from adsyncdiag.report.as_json import as_json
from adsyncdiag.report.carrying import plain
from adsyncdiag.report.visible import HIDDEN, on_page

if TYPE_CHECKING:
    from conftest import Element

    Parse = Callable[[str], Element]

TABS = ["Steps", "Troubleshooting & Recommendation", "Modified Properties", "Summary"]
COLUMNS = [
    "Name",
    "Is Multi-Valued",
    "Type",
    "Value",
    "Value Add",
    "Value Delete",
    "Operation",
    "Sync Rule",
    "Mapping Type",
    "Data Source",
]


def outline(element: Element, depth: int = 0) -> list[str]:
    """Return the structure that readers and links rely on: landmarks, headings, captions, columns, identifiers."""
    lines = []
    kept = {
        "header",
        "nav",
        "main",
        "section",
        "footer",
        "details",
        "h1",
        "h2",
        "h3",
        "h4",
        "caption",
        "thead",
        "figure",
    }
    if element.tag in kept or (element.tag == "tr" and "id" in element.attributes):
        name = f"#{element.attributes['id']}" if "id" in element.attributes else ""
        text = element.text if element.tag in ("h1", "h2", "h3", "h4", "caption") else ""
        if element.tag == "thead":
            text = " | ".join(cell.text for cell in element.all("th"))
        lines.append(f"{'  ' * depth}{element.tag}{name} {text}".rstrip())
        depth += 1
    for child in element.children:
        if not isinstance(child, str):
            lines += outline(child, depth)
    return lines


def test_outline(samples: ModuleType, parse: Parse, golden: Callable[[str, str], None]) -> None:
    """The structure of a report on a refused export is as it was reviewed."""
    golden("report/conflict.outline.txt", "\n".join(outline(parse(as_html(samples.conflict())))) + "\n")


def test_four_documented_tabs_come_first(record: SyncRecord, parse: Parse) -> None:
    """The four tabs have their documented names and order, and each is an anchor of its panel."""
    page = parse(as_html(record))
    links = page.one("nav").all("a")
    assert [link.text for link in links][:4] == TABS
    panels = page.one("main").all("section")
    assert [link.attributes["href"] for link in links] == [f"#{panel.attributes['id']}" for panel in panels]


def test_empty_tabs_are_left_out(samples: ModuleType, parse: Parse) -> None:
    """Where the run stopped before any rule was asked there is no tab for rules or the metaverse."""
    assert [link.text for link in parse(as_html(samples.excluded())).one("nav").all("a")] == TABS
    more = [link.text for link in parse(as_html(samples.success())).one("nav").all("a")][4:]
    assert more == ["Rules", "Metaverse"]


def test_head_says_what_failed_why_and_what_to_do(samples: ModuleType, parse: Parse) -> None:
    """Before any tab stand the step that failed, the reason, the recommendation, the code, the object, the time and the version."""
    page = parse(as_html(samples.excluded()))
    head = page.one("header")
    assert head.one("h1").text == "Failed at step 3 of 10: Organizational unit is in sync scope"
    failure = samples.excluded().failure
    for text in (failure.reason, failure.recommendation, failure.code, "CN=Nora Berg,OU=leavers", "Failure"):
        assert text in head.text
    assert "2026-03-02 12:00:00 UTC" in head.text
    assert "adsyncdiag 0.1.0" in head.text
    assert head.all("a", href="#steps/3")


def test_verdict_in_words(samples: ModuleType, parse: Parse) -> None:
    """Each outcome has a headline of its own, and staging mode never claims an export."""
    headlines = {name: parse(as_html(make())).one("h1").text for name, make in samples.SAMPLES.items()}
    assert headlines["success"] == "Updated in Microsoft Entra ID"
    assert headlines["created"] == "Created in Microsoft Entra ID"
    assert headlines["nothing_to_do"] == "Nothing to do: Microsoft Entra ID is up to date"
    assert headlines["staging"] == "Would be updated in Microsoft Entra ID; nothing was exported"
    assert headlines["rule_error"] == "Failed at step 9 of 10: Synchronise"


def test_path_picture(samples: ModuleType, parse: Parse) -> None:
    """The picture names the five places and marks the one where the object stopped; its words are its alternative text."""
    figure = parse(as_html(samples.rule_error())).one("figure")
    for drawing in figure.all("svg", role="img"):
        assert drawing.attributes["aria-label"] == (
            "Active Directory: reached; AD connector space: reached; Metaverse: stopped here; "
            "Entra connector space: not reached; Microsoft Entra ID: not reached"
        )
        assert len(drawing.all("g", class_="failure")) == 1
    assert "Metaverse: a rule raised an error" in figure.text


def test_ten_cards_open_where_it_failed(samples: ModuleType, parse: Parse) -> None:
    """There is a card for each step with its status in words; only steps with trouble are open."""
    cards = parse(as_html(samples.conflict())).all("details", class_="card")
    assert [card.attributes["id"] for card in cards] == [f"steps/{number}" for number in range(1, 11)]
    assert [card.attributes["id"] for card in cards if "open" in card.attributes] == ["steps/8", "steps/10"]
    words = [card.one("summary").one("span", class_="status").text for card in cards]
    assert words == ["Success"] * 7 + ["Warning", "Success", "Failure"]


def test_step_tables(samples: ModuleType, parse: Parse) -> None:
    """A card lists the documented facts, the step's details under readable names, and its reason and recommendation."""
    page = parse(as_html(samples.conflict()))
    seventh = page.one("div", id="steps-step7")
    facts = {
        row.all("th")[0].text: row.all("td")[0].text
        for table in seventh.all("table", class_="plain")
        for row in table.all("tr")
    }
    assert list(facts)[:5] == ["Status", "Type", "Name", "Description", "Date Time"]
    assert facts["Run step result"] == "success"
    trouble = page.one("div", id="steps-step10").one("div", class_="trouble")
    assert "Remove the address from one of the two" in trouble.all("tr")[-1].text


def test_attribute_table(samples: ModuleType, parse: Parse) -> None:
    """The export step lists each attribute in the ten documented columns: what is added first, what stays last."""
    grid = parse(as_html(samples.success())).one("div", id="steps-step10").one("table", class_="grid")
    assert [head.text for head in grid.one("thead").all("th")] == COLUMNS
    rows = grid.one("tbody").all("tr")
    assert [row.attributes["data-operation"] for row in rows] == ["add", "delete", "update", "update", "none", "none"]
    mail = grid.one("tr", id="steps-step10-mail")
    assert [cell.text for cell in mail.children if not isinstance(cell, str)] == [
        "mail",
        "False",
        "string",
        "nora@contoso.com",
        "nora@contoso.com",
        "",
        "add",
        "Out to AAD - User Join",
        "Direct",
        "Metaverse",
    ]


def test_columns_without_a_value_are_left_out(samples: ModuleType, parse: Parse) -> None:
    """An import has no rules, so its table has none of their columns."""
    grid = parse(as_html(samples.success())).one("div", id="steps-step7").one("table", class_="grid")
    assert [head.text for head in grid.one("thead").all("th")] == COLUMNS[:7]


def test_troubleshooting(samples: ModuleType, parse: Parse) -> None:
    """The second tab has the documented rows, trouble that did not end the run, and the warnings; or says there is nothing."""
    trouble = parse(as_html(samples.conflict())).one("section", id="troubleshooting")
    rows = [row.all("th")[0].text for row in trouble.all("table")[0].all("tr")]
    assert rows == ["Status", "Error Code", "Reason", "Additional Details", "Error Category", "Recommended Action"]
    assert "The tenant did not answer in 30 seconds." in trouble.text
    assert "its old values are those of the last import" in trouble.text
    calm = parse(as_html(samples.success())).one("section", id="troubleshooting")
    assert "There is nothing to troubleshoot." in calm.text


def test_modified_properties_link_to_the_export(samples: ModuleType, parse: Parse) -> None:
    """A modified property shows old and new value, blank where there was none, and links to its row in the export step."""
    page = parse(as_html(samples.success()))
    rows = page.one("section", id="modifiedproperties").one("tbody").all("tr")
    cells = [[cell.text for cell in row.children if not isinstance(cell, str)] for row in rows]
    assert cells[1:3] == [["mail", "", "nora@contoso.com"], ["proxyAddresses - Count", "1", "2"]]
    assert rows[2].one("a").attributes["href"] == "#steps-step10-proxyAddresses"
    empty = parse(as_html(samples.nothing_to_do())).one("section", id="modifiedproperties")
    assert "No property of the object in Microsoft Entra ID was modified." in empty.text


def test_summary_rows(samples: ModuleType, parse: Parse) -> None:
    """The fourth tab has the documented rows."""
    summary = parse(as_html(samples.success())).one("section", id="summary")
    facts = {row.all("th")[0].text: row.all("td")[0].text for row in summary.all("tr")}
    for side, system in (("Source", "Active Directory"), ("Target", "Microsoft Entra ID")):
        assert facts[f"{side} System"] == system
        assert {f"{side} Object Name", f"{side} Object Type", f"{side} Object ID"} <= facts.keys()
    assert {"Action", "Start Time", "End Time"} <= facts.keys()


def test_rules_show_the_clause_and_the_value(samples: ModuleType, parse: Parse) -> None:
    """A rule out of scope shows the clause that decided and the value it met, in words."""
    rules = parse(as_html(samples.success())).one("section", id="rules")
    row = rules.one("tr", id=f"rules-{samples.IN_CUSTOM}".replace("-", "_").replace("rules_", "rules-"))
    assert "Out of scope" in row.text
    assert "Not met department EQUAL Research actual value: Sales" in row.text
    flows = rules.all("table")[2].text
    assert "In from AD - User Join has the better precedence (100)" in flows


def test_every_link_leads_somewhere(record: SyncRecord, parse: Parse) -> None:
    """Identifiers are unique, and every link inside the page has a target there; other links are https and tell nobody."""
    page = parse(as_html(record))
    identifiers = [e.attributes["id"] for e in page.walk() if "id" in e.attributes]
    assert len(identifiers) == len(set(identifiers))
    for link in page.all("a"):
        address = link.attributes["href"]
        if address.startswith("#"):
            assert address[1:] in identifiers
        else:
            assert address.startswith("https://")
            assert link.attributes["rel"] == "noreferrer noopener"


def test_rule_names_link_to_their_rule(samples: ModuleType, parse: Parse) -> None:
    """A rule named by an attribute row, a flow or the metaverse is a link to its verdict."""
    page = parse(as_html(samples.success()))
    target = f"#rules-{str(samples.OUT_JOIN).replace('-', '_')}"
    assert page.one("tr", id="steps-step10-mail").one("a").attributes["href"] == target
    assert all(row.all("a") for row in page.one("section", id="metaverse").one("table", class_="grid").all("tr")[1:])


def test_tables_have_captions_and_scopes(record: SyncRecord, parse: Parse) -> None:
    """Every table has a caption or stands under its heading, and every header cell says what it heads."""
    for table in parse(as_html(record)).all("table"):
        assert len(table.all("caption")) == 1
        assert all(cell.attributes.get("scope") in ("row", "col") for cell in table.all("th"))


def test_nothing_but_our_own_code_can_run(record: SyncRecord, parse: Parse) -> None:
    """The policy allows exactly the inlined style and script; no element carries code, style or an address to fetch."""
    page = parse(as_html(record))
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    style, (script, data) = page.one("style").raw, page.all("script")
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script.raw)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert data.attributes == {"type": "application/json", "id": "report-data"}
    for element in page.walk():
        assert element.tag not in ("img", "iframe", "object", "embed", "link", "base", "form")
        assert not [name for name in element.attributes if name.startswith("on") or name in ("style", "src", "action")]


def digest(text: str) -> str:
    """Return the hash a browser compares."""
    return b64encode(sha256(text.encode()).digest()).decode()


def test_the_json_is_inside(record: SyncRecord, parse: Parse) -> None:
    """The embedded JSON is the `graph` dialect, and holds no character that could end its element or hide."""
    embedded = parse(as_html(record)).one("script", id="report-data").raw
    assert json.loads(embedded) == json.loads(as_json(record))
    assert not set(embedded) & set("<>&\u2028\u2029")


def test_hidden_characters_are_shown(record: SyncRecord) -> None:
    """No control character, override or invisible blank reaches the page, wherever a value stands."""
    html = as_html(record)
    assert HIDDEN.search(html) is None
    html.encode("utf-8")


def test_hostile_values_stay_text(samples: ModuleType, parse: Parse) -> None:
    """Markup and template markers in values are text; the page has the elements it would have without them."""
    html = as_html(samples.hostile())
    page = parse(html)
    grid = page.one("div", id="steps-step10").one("table", class_="grid")
    names = {row.all("th")[0].text for row in grid.one("tbody").all("tr")}
    assert any("{{ 7*7 }}" in name for name in names)
    assert any("</script><script>alert(1)</script>" in name for name in names)
    assert "49" not in " ".join(names)
    assert len(page.all("script")) == 2
    assert len(page.all("style")) == 1
    assert {e.tag for e in page.all("svg")} == {"svg"}
    assert not [e for e in page.all("svg") if "onload" in e.attributes]


def test_names_that_become_the_same_identifier_stay_apart(samples: ModuleType, parse: Parse) -> None:
    """Two attributes whose names differ only in punctuation get different identifiers."""
    page = parse(as_html(samples.hostile()))
    assert page.one("tr", id="steps-step9-a_b")
    assert page.one("tr", id="steps-step9-a_b-2")


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_any_text_survives_as_text(parse: Parse, samples: ModuleType, text: str) -> None:
    """Whatever the display name and the reason are, the page shows them whole and the JSON holds them."""
    failure = Failure("code", text, text)
    base = samples.success()
    record = replace(
        base,
        status=Status.FAILURE,
        failure=failure,
        steps=samples.ten(stop=10, failure=failure),
        source_identity=replace(base.source_identity, display_name=text or "-"),
    )
    page = parse(as_html(record))
    shown = on_page(plain(text))
    assert page.one("header").one("strong").raw == (shown or "-")
    assert page.one("header").one("div", class_="why").all("p")[0].raw == shown


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://aka.ms/x.", ["https://aka.ms/x"]),
        ("(https://a.example/b?c=1&d=2)", ["https://a.example/b?c=1&d=2"]),
        ("http://plain.example and javascript:alert(1)", []),
        ("HTTPS://upper.example", []),
        ('https://a.example/"onclick=alert(1)', ["https://a.example/"]),
        ("https://a.example/\u202egpj.exe", ["https://a.example/"]),
        ("https://", []),
    ],
)
def test_links_in_texts(parse: Parse, text: str, addresses: list[str]) -> None:
    """Only https addresses become links, without the punctuation that follows them; nothing of the text is lost."""
    tree = parse(str(linked(text)))
    assert [link.attributes["href"] for link in tree.all("a")] == addresses
    assert tree.raw == on_page(text)


def test_white_space_at_the_ends_is_marked(samples: ModuleType, parse: Parse) -> None:
    """A value with a blank at its end, which Entra refuses, is marked."""
    row = samples.row("userPrincipalName", "nora@contoso.com ", "add")
    steps = samples.ten(changes={7: {"attributes": (row,)}})
    page = parse(as_html(replace(samples.success(), steps=steps)))
    assert {mark.raw for mark in page.all("bdi", class_="edges")} == {"nora@contoso.com "}


def test_a_megabyte_is_folded(samples: ModuleType, parse: Parse) -> None:
    """A value of a megabyte is folded and cut on the page, says how long it is, and is whole in the JSON."""
    value = "x" * 1_000_000
    steps = samples.ten(changes={7: {"attributes": (samples.row("info", value),)}})
    html = as_html(replace(samples.success(), steps=steps))
    row = parse(html).one("tr", id="steps-step7-info")
    assert "1000000 characters" in row.text
    assert len(row.raw) < 30_000
    assert html.count(value) == 1


def test_a_large_group_stays_small(samples: ModuleType) -> None:
    """A group of 50,000 members of which 5,000 came and 5,000 went stays under 5 MB."""
    assert len(as_html(samples.group(50_000, joined=5000, left=5000)).encode()) < 5_000_000


def test_what_was_left_out_is_said(samples: ModuleType, parse: Parse) -> None:
    """A long list says how many there are in all, and where values were left out."""
    cell = (
        parse(as_html(samples.group(50_000))).one("tr", id="steps-step10-member").one("td", **{"data-label": "Value"})
    )
    assert "49996 more, 50000 in all" in cell.text
    assert "… 49890 values left out …" in cell.text
