"""The `cmdlet` and `provision-on-demand` dialects, and one golden file for each dialect."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from adsyncdiag.model.trace import SyncRecord, System
from adsyncdiag.report.as_json import as_json
from adsyncdiag.report.dialects import Dialect


def document(record: SyncRecord, dialect: Dialect) -> Any:
    """Return the document as a reader of JSON gets it."""
    return json.loads(as_json(record, dialect))


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("name", ["success", "conflict"])
def test_golden(samples: ModuleType, golden: Callable[[str, str], None], dialect: Dialect, name: str) -> None:
    """A success and a failure look in each dialect as they were reviewed."""
    shown = json.dumps(document(samples.SAMPLES[name](), dialect), indent=1, ensure_ascii=False)
    golden(f"report/{name}.{dialect.value}.json", f"{shown}\n")


def test_cmdlet_keys_are_always_there(record: SyncRecord) -> None:
    """All keys of the product stand in its order, whatever the outcome."""
    printed = document(record, Dialect.CMDLET)
    assert list(printed) == [
        "Action",
        "StartTime",
        "EndTime",
        "SourceSystem",
        "TargetSystem",
        "SourceIdentity",
        "TargetIdentity",
        "StatusInfo",
        "ModifiedProperties",
        "ProvisioningSteps",
    ]
    assert list(printed["SourceIdentity"]) == ["Id", "Type", "Name"]
    assert list(printed["StatusInfo"]) == [
        "Status",
        "ErrorCode",
        "Reason",
        "AdditionalDetails",
        "ErrorCategory",
        "RecommendedAction",
    ]
    assert all(list(row) == ["Name", "OldValue", "NewValue"] for row in printed["ModifiedProperties"])
    for step in printed["ProvisioningSteps"]:
        assert list(step) == ["Status", "Type", "Name", "Description", "Timestamp", "Details"]


def test_cmdlet_details_are_flat_texts(record: SyncRecord) -> None:
    """Details map texts to texts, as scripts that read the product's expect."""
    for step in document(record, Dialect.CMDLET)["ProvisioningSteps"]:
        assert all(isinstance(value, str) for value in step["Details"].values())


def test_cmdlet_words(samples: ModuleType) -> None:
    """Systems, times, states and Booleans read as the product writes them."""
    printed = document(samples.conflict(), Dialect.CMDLET)
    assert printed["TargetSystem"] == {"Name": "Azure Active Directory"}
    assert printed["StartTime"] == "03/02/2026 12:00:00"
    assert printed["Action"] == "Update"
    assert printed["StatusInfo"]["Status"] == "Failure"
    assert printed["StatusInfo"]["ErrorCategory"] == ""
    assert printed["ProvisioningSteps"][3]["Details"]["Readable"] == "True"
    assert printed["ProvisioningSteps"][6]["Details"]["Run step result"] == "success"
    assert printed["ProvisioningSteps"][2]["Details"]["Inclusions"] == (
        "OU=corp,DC=contoso,DC=com, OU=sales,DC=contoso,DC=com"
    )
    assert printed["ModifiedProperties"][1] == {"Name": "mail", "OldValue": "", "NewValue": "nora@contoso.com"}


def test_cmdlet_attribute_rows(samples: ModuleType) -> None:
    """`AttributeInfoJson` is a text of the product's ten keys, several values joined; what was cut is said in its place."""
    steps = document(samples.group(1000), Dialect.CMDLET)["ProvisioningSteps"]
    (row,) = json.loads(steps[9]["Details"]["AttributeInfoJson"])
    assert list(row)[:10] == [
        "Name",
        "IsMultiValued",
        "Type",
        "Value",
        "Add",
        "Delete",
        "Operation",
        "SyncRule",
        "MappingType",
        "DataSource",
    ]
    assert ", … 890 more …, CN=member00990" in row["Value"]
    assert row["Truncated"] is True


def test_no_connector_is_null(samples: ModuleType) -> None:
    """The cmdlet's system is null where no connector was found."""
    printed = document(replace(samples.excluded(), target=System()), Dialect.CMDLET)
    assert printed["TargetSystem"] is None


@pytest.mark.parametrize("dialect", [Dialect.CMDLET, Dialect.PROVISION_ON_DEMAND])
def test_no_fact_is_lost(samples: ModuleType, dialect: Dialect) -> None:
    """What has no key in the older shapes is still in the document: identifiers, path, warnings, rules."""
    record = samples.conflict()
    text = as_json(record, dialect).decode()
    facts = [str(record.id), str(record.cycle_id), record.tenant_id, record.job_id, record.change_id]
    facts += [hop.name for hop in record.path] + list(record.warnings) + [rule.rule_name for rule in record.rules]
    facts += [record.initiated_by.replace("\\", "\\" * (4 if dialect is Dialect.CMDLET else 2)), record.version]
    assert [fact for fact in facts if fact not in text] == []


def test_provision_on_demand_keys(samples: ModuleType) -> None:
    """The camelCase twin has Graph's keys with the cmdlet's words, and each step its time."""
    printed = document(samples.conflict(), Dialect.PROVISION_ON_DEMAND)
    assert list(printed) == [
        "action",
        "changeId",
        "startTime",
        "endTime",
        "reportableIdentifier",
        "sourceSystem",
        "targetSystem",
        "sourceIdentity",
        "targetIdentity",
        "statusInfo",
        "modifiedProperties",
        "provisioningSteps",
    ]
    assert printed["statusInfo"]["status"] == "Failure"
    assert printed["statusInfo"]["errorCategory"] == "NonServiceFailure"
    assert printed["provisioningSteps"][8]["type"] == "Sync"
    assert printed["provisioningSteps"][0]["timestamp"] == "2026-03-02T12:00:00.120Z"
    assert printed["reportableIdentifier"] == "nora@contoso.com"
