"""The `graph` dialect: Graph's keys and words, ours inside `details` only, nothing empty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import adsyncdiag.report
from adsyncdiag.model.trace import Failure, Status, SyncRecord
from adsyncdiag.report.as_json import as_json

GRAPH_KEYS = [
    "id",
    "activityDateTime",
    "tenantId",
    "jobId",
    "cycleId",
    "changeId",
    "provisioningAction",
    "durationInMilliseconds",
    "servicePrincipal",
    "sourceSystem",
    "targetSystem",
    "initiatedBy",
    "sourceIdentity",
    "targetIdentity",
    "provisioningStatusInfo",
    "provisioningSteps",
    "modifiedProperties",
]


def graph(record: SyncRecord, *, full_values: bool = False) -> Any:
    """Return the document as a reader of JSON gets it."""
    return json.loads(as_json(record, full_values=full_values))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that is neither object nor array, with its path."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from leaves(entry, f"{path}.{key}")
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from leaves(entry, f"{path}[{index}]")
    else:
        yield path, value


def test_every_record_fits_the_schema(record: SyncRecord) -> None:
    """The JSON Schema in the package accepts every document and is a valid schema itself."""
    schema = json.loads((Path(adsyncdiag.report.__file__).parent / "schemas" / "graph.json").read_text())
    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(graph(record))
    assert [f"{error.json_path}: {error.message}"[:300] for error in found] == []


def test_top_level_is_graphs_own(samples: ModuleType) -> None:
    """No key of ours stands at top level, and the order is that of Graph's samples."""
    assert list(graph(samples.success())) == GRAPH_KEYS


def test_one_line_of_utf8(record: SyncRecord) -> None:
    """The document is one line, and the same record gives the same bytes."""
    text = as_json(record)
    assert b"\n" not in text
    assert text.decode("utf-8")
    assert as_json(record) == text


def test_absent_is_omitted(record: SyncRecord) -> None:
    """Nothing is "" but `initiatedBy.id`; nothing is null but the blank cells of modified properties."""
    for path, value in leaves(graph(record)):
        if value is None:
            assert path.endswith((".oldValue", ".newValue")), path
        elif value == "":
            assert path == ".initiatedBy.id"


def test_ten_steps_with_number_and_time(record: SyncRecord) -> None:
    """The ten steps stand in order, each with its number and its time in UTC."""
    steps = graph(record)["provisioningSteps"]
    assert [step["details"]["number"] for step in steps] == list(range(1, 11))
    assert all(step["details"]["timestamp"].endswith("Z") for step in steps)


def test_step_types_are_graphs(samples: ModuleType) -> None:
    """Graph knows no type `sync`: the ninth step says `processing`."""
    kinds = [step["provisioningStepType"] for step in graph(samples.success())["provisioningSteps"]]
    assert kinds == ["scoping"] * 6 + ["import"] * 2 + ["processing", "export"]


def test_failure_is_told_twice(samples: ModuleType) -> None:
    """The failure stands in the status, and in the details of the step that ended the run, not of one that merely had trouble."""
    document = graph(samples.conflict())
    error = document["provisioningStatusInfo"]["errorInformation"]
    assert document["provisioningStatusInfo"]["status"] == "failure"
    assert error["errorCode"] == "AttributeValueMustBeUnique"
    assert error["errorCategory"] == "nonServiceFailure"
    assert error["additionalDetails"].startswith("400 Request_BadRequest")
    last = document["provisioningSteps"][9]["details"]
    assert (last["errorCode"], last["reason"]) == (error["errorCode"], error["reason"])
    assert last["recommendation"] == error["recommendedAction"]
    assert document["provisioningSteps"][7]["details"]["errorCode"] == "failed-connection"


def test_success_has_no_error(samples: ModuleType) -> None:
    """A success says nothing about errors."""
    assert graph(samples.success())["provisioningStatusInfo"] == {"status": "success"}


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("failed-connection", "failure"),
        ("no-start-ma-already-running", "failure"),
        ("throttled", "failure"),
        ("container-excluded", "nonServiceFailure"),
        ("InvalidSoftMatch", "nonServiceFailure"),
        ("unexpected-error", "nonServiceFailure"),
    ],
)
def test_error_category(samples: ModuleType, code: str, category: str) -> None:
    """What another try may mend is a `failure`; a verdict about the object is a `nonServiceFailure`."""
    failure = Failure(code, "It did not work.", "Mend it.")
    record = replace(
        samples.success(), status=Status.FAILURE, failure=failure, steps=samples.ten(stop=4, failure=failure)
    )
    assert graph(record)["provisioningStatusInfo"]["errorInformation"]["errorCategory"] == category


def test_systems_and_identities(samples: ModuleType) -> None:
    """Systems carry the documented names, identities the DN and the user principal name; the connectors' names are details."""
    document = graph(samples.success())
    assert document["sourceSystem"]["displayName"] == "Active Directory"
    assert document["targetSystem"]["displayName"] == "Microsoft Entra ID"
    assert document["sourceSystem"]["details"]["connector"] == "contoso.com"
    assert document["sourceSystem"]["details"]["schemaVersion"] == "1.0"
    assert document["sourceIdentity"]["displayName"] == samples.DN
    assert document["sourceIdentity"]["details"] == {"displayName": "Nora Berg"}
    assert document["targetIdentity"]["identityType"] == "User"
    assert document["initiatedBy"] == {"id": "", "displayName": "CONTOSO\\admin", "initiatorType": "user"}


def test_unknown_identity_is_an_empty_object(samples: ModuleType) -> None:
    """Where the run stopped before it knew the target object, its identity has no key at all."""
    assert graph(samples.excluded())["targetIdentity"] == {}


def test_path_and_warnings_are_details_of_the_source(samples: ModuleType) -> None:
    """The path of the object and the warnings stand in the open details of the source system."""
    details = graph(samples.created())["sourceSystem"]["details"]
    assert [hop["state"] for hop in details["path"]] == ["reached"] * 4 + ["warning"]
    assert details["warnings"] == list(samples.created().warnings)


def test_attribute_rows(samples: ModuleType) -> None:
    """A row has arrays where the attribute is multi-valued, texts where it is not, and no key where there is no value."""
    rows = {row["name"]: row for row in graph(samples.success())["provisioningSteps"][9]["details"]["attributes"]}
    assert rows["proxyAddresses"]["value"] == ["SMTP:nora@contoso.com", "smtp:nora.berg@contoso.com"]
    assert rows["proxyAddresses"]["valueDelete"] == ["SMTP:nora.berg@contoso.com"]
    assert rows["mail"] == {
        "name": "mail",
        "isMultiValued": False,
        "type": "string",
        "value": "nora@contoso.com",
        "valueAdd": "nora@contoso.com",
        "operation": "add",
        "syncRule": "Out to AAD - User Join",
        "mappingType": "Direct",
        "dataSource": "Metaverse",
    }
    assert "value" not in rows["telephoneNumber"]
    assert rows["onPremiseSecurityIdentifier"]["note"] == "not writable through Graph"


def test_rules_and_metaverse_are_details_of_step_nine(samples: ModuleType) -> None:
    """Verdicts, joins, flows and the metaverse object stand in the synchronisation step, and nowhere else."""
    steps = graph(samples.success())["provisioningSteps"]
    details = steps[8]["details"]
    assert details["rules"][0]["inScope"] is False
    assert details["rules"][0]["clauses"] == [
        {"clause": "department EQUAL Research", "holds": False, "actual": "Sales"}
    ]
    assert details["joins"][1]["matches"] == ["5f0b5ac4-6d0b-4d2b-8d3c-0f41a3f6d001"]
    assert [flow["won"] for flow in details["flows"] if flow["attribute"] == "accountEnabled"] == [True, False]
    assert details["metaverse"]["attributes"][0] == {
        "name": "accountEnabled",
        "value": "True",
        "syncRule": "In from AD - User Join",
        "dataSource": "contoso.com",
    }
    others = [step["details"].keys() & {"rules", "joins", "flows", "metaverse"} for step in steps if step != steps[8]]
    assert not any(others)


def test_modified_properties_have_null_for_blank(samples: ModuleType) -> None:
    """A property that had no value, or lost it, has null there; several values are a count."""
    assert graph(samples.success())["modifiedProperties"] == [
        {"displayName": "department", "oldValue": "Marketing", "newValue": "Sales"},
        {"displayName": "mail", "oldValue": None, "newValue": "nora@contoso.com"},
        {"displayName": "proxyAddresses - Count", "oldValue": "1", "newValue": "2"},
        {"displayName": "telephoneNumber", "oldValue": "+47 22 00 00 00", "newValue": None},
    ]


def test_staging_is_a_detail_of_the_export(samples: ModuleType) -> None:
    """In staging mode the export step says so, and the action is what it would be."""
    document = graph(samples.staging())
    assert document["provisioningSteps"][9]["details"]["staging"] is True
    assert document["provisioningAction"] == "update"


def test_duration_is_whole_and_never_negative(samples: ModuleType) -> None:
    """The duration is in whole milliseconds, 0 when the clock was set back meanwhile."""
    record = samples.success()
    assert graph(record)["durationInMilliseconds"] == 1734
    back = replace(record, ended=record.started - timedelta(seconds=5))
    assert graph(back)["durationInMilliseconds"] == 0
