"""Steps 1 to 6 on the lab: domain, target, container, readability, type, group filter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.domains import PILOT_GROUP
from adsyncdiag.connectors.lab.scenarios.entries import dn_of, entry, person, retyped
from adsyncdiag.connectors.lab.scenarios.forest_people import PILOT, TESTOBJECT
from adsyncdiag.connectors.lab.scenarios.places import CORP, EXCLUDED, FABRIKAM_PEOPLE, KEPT, PEOPLE
from adsyncdiag.errors import ConfigurationError, ConnectorRefused, ConnectorUnreachable
from adsyncdiag.model.configuration import ConnectorKind, RunProfile
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Unreadable
from adsyncdiag.model.trace import Status

OUTSIDER = dn_of("Otto Outside", FABRIKAM_PEOPLE)
CONTOSO = "DC=contoso,DC=com"
BUILT_IN = ("Specific Object Import", "Specific Object Export")


class Directory:
    """A source directory that answers with what it was given; an exception is raised."""

    def __init__(self, answer: Any = None, member: Any = None) -> None:
        self.answer = answer
        self.member = member

    def read(self, _dn: Dn) -> Any:
        """Answer or raise."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def is_member(self, _group: Dn, _member: Dn) -> Any:
        """Answer or raise."""
        if isinstance(self.member, Exception):
            raise self.member
        return self.member


def behind(lab: Any, **answers: Any) -> Any:
    """The lab's own directory with some of its answers replaced."""
    real = lab.world.directory

    def directory(connector: Any) -> Any:
        own = real(connector)
        fake = Directory(answers.get("read"), answers.get("member"))
        return type(
            "Mixed", (), {
                "read": fake.read if "read" in answers else own.read,
                "is_member": fake.is_member if "member" in answers else own.is_member,
            },
        )()  # fmt: skip

    return directory


def without_step(connector: Any, profile: str, partition: str) -> tuple[RunProfile, ...]:
    """The run profiles of a connector, one of them without its step for a partition."""
    wanted = next(p.id for p in connector.partitions if p.name == partition)
    return tuple(
        p._replace(steps=tuple(s for s in p.steps if s.partition != wanted)) if p.name == profile else p
        for p in connector.run_profiles
    )


# --- step 1


@pytest.mark.parametrize(
    "dn", ["CN=x,OU=corp", "CN=x,DC=com", "CN=x,DC=nowhere,DC=example", "CN=x,DC=sub,DC=contoso,DC=com"]
)
def test_a_domain_that_no_connector_has_stops_at_step_one(lab: Any, bench: Any, dn: str) -> None:
    """No DC part, a shorter one, a foreign one and a child domain are all unknown; the known ones are listed."""
    done = lab.run(dn)
    assert bench.failing(done.record) == (1, "source-partition-not-found")
    assert done.exit_code == 1
    assert CONTOSO in bench.step(done.record, 1).details["knownPartitions"]
    assert CONTOSO in done.record.failure.recommendation
    assert done.record.source_identity.name == dn
    assert done.record.action.value == "other"


def test_a_name_without_a_domain_is_told_so(lab: Any) -> None:
    """The reason of a DN without DC= says that, and not that a domain is missing."""
    assert "names no domain" in lab.record("CN=x,OU=corp").failure.reason


def test_a_domain_that_is_not_selected_is_named(lab: Any, bench: Any) -> None:
    """The verdict names domain, connector and where to select it."""
    lab.change_partition("contoso.com", CONTOSO, selected=False)
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (1, "source-partition-not-selected")
    assert "contoso.com" in record.failure.reason
    assert bench.step(record, 1).details["partitionSelected"] is False


def test_of_two_connectors_with_one_domain_the_selected_one_counts(lab: Any, bench: Any) -> None:
    """A leftover connector that knows the domain without selecting it does not hide the one that synchronises it."""
    real = lab.connector("contoso.com")
    stale = replace(
        real,
        id=real.partitions[0].id,
        name="stale.example",
        partitions=tuple(replace(p, selected=False) for p in real.partitions),
    )
    lab.configure(
        replace(lab.world.configuration, connectors=(stale, *lab.world.configuration.connectors)),
    )
    record = lab.record(TESTOBJECT)
    assert record.failure is None
    assert bench.step(record, 1).details["connector"] == "contoso.com"


@pytest.mark.parametrize(
    "profile", ["Full Import", "Full Synchronization", "Delta Import", "Delta Synchronization", "Export"]
)
@pytest.mark.parametrize("gone", ["profile", "step"])
def test_each_of_the_five_run_profiles_needs_a_step_for_the_domain(
    lab: Any, bench: Any, profile: str, gone: str
) -> None:
    """A missing profile, and a profile without a step for this partition, stop at step 1 and are named."""
    connector = lab.connector("contoso.com")
    if gone == "step":
        profiles = without_step(connector, profile, CONTOSO)
    else:
        profiles = tuple(p for p in connector.run_profiles if p.name != profile)
    lab.change_connector("contoso.com", run_profiles=profiles)
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (1, "run-profile-step-missing")
    assert record.failure.reason.endswith(f": {profile}")
    facts = bench.step(record, 1).details["runProfiles"]
    assert facts[profile] is False
    assert list(facts.values()).count(True) == 4


def test_the_specific_object_profiles_are_built_in_where_the_export_has_none(lab: Any, bench: Any) -> None:
    """Without profiles of that name nothing is demanded, and the details say so."""
    facts = bench.step(lab.record(TESTOBJECT), 1).details["runProfiles"]
    assert {name: facts[name] for name in BUILT_IN} == dict.fromkeys(BUILT_IN, "built in")


@pytest.mark.parametrize("complete", [True, False])
def test_the_specific_object_profiles_are_demanded_where_the_export_has_them(
    lab: Any, bench: Any, complete: bool
) -> None:
    """A profile of that name, in whatever case, needs a step for the partition like the other five."""
    connector = lab.connector("contoso.com")
    template = next(p for p in connector.run_profiles if p.name == "Export")
    more = tuple(template._replace(name=name.upper(), steps=template.steps if complete else ()) for name in BUILT_IN)
    lab.change_connector("contoso.com", run_profiles=(*connector.run_profiles, *more))
    record = lab.record(TESTOBJECT)
    if complete:
        assert record.failure is None
        assert bench.step(record, 1).details["runProfiles"][BUILT_IN[0]] is True
    else:
        assert bench.failing(record) == (1, "run-profile-step-missing")
        assert all(name in record.failure.reason for name in BUILT_IN)


# --- step 2


def test_without_an_entra_connector_there_is_no_target(lab: Any, bench: Any) -> None:
    """Step 1 still passes; step 2 says what the export lacks."""
    kept = tuple(c for c in lab.world.configuration.connectors if c.kind is not ConnectorKind.ENTRA)
    lab.configure(replace(lab.world.configuration, connectors=kept))
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (2, "target-connector-not-found")
    assert "no Entra connector" in record.failure.reason
    assert bench.step(record, 1).status is Status.SUCCESS
    assert record.target.id == ""


@pytest.mark.parametrize("number", [0, 2])
def test_the_entra_connector_has_exactly_one_partition(lab: Any, bench: Any, number: int) -> None:
    """None and two are no usable target; the number is said."""
    partition = lab.connector("entra").partitions[0]
    lab.change_connector("entra", partitions=(partition,) * number)
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (2, "target-connector-not-found")
    assert f"{number} partitions" in record.failure.reason


def test_the_target_partition_has_to_be_selected(lab: Any, bench: Any) -> None:
    """A partition that is not selected stops at step 2."""
    lab.change_partition("entra", "default", selected=False)
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (2, "target-partition-not-selected")
    assert bench.step(record, 2).details["partitionSelected"] is False


def test_the_target_needs_its_run_steps_too(lab: Any, bench: Any) -> None:
    """A profile of the Entra connector without its step stops at step 2 and is named."""
    lab.change_connector("entra", run_profiles=without_step(lab.connector("entra"), "Delta Import", "default"))
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (2, "run-profile-step-missing")
    assert "Delta Import" in record.failure.reason
    assert lab.connector("entra").name in record.failure.reason


# --- step 3


def containers(lab: Any, included: tuple[str, ...], excluded: tuple[str, ...]) -> None:
    """Give the domain other container lists."""
    lab.change_partition(
        "contoso.com", CONTOSO, included=tuple(map(Dn.parse, included)), excluded=tuple(map(Dn.parse, excluded))
    )


@pytest.mark.parametrize(
    ("included", "excluded", "decided"),
    [
        ((), (), ""),
        (("OU=elsewhere,DC=contoso,DC=com",), ("OU=other,DC=contoso,DC=com",), ""),
        ((CORP,), (CONTOSO,), CORP),
        ((CONTOSO,), (CORP,), None),
        ((CORP,), (CORP,), CORP),
        ((CORP,), (TESTOBJECT,), None),
        ((TESTOBJECT,), (CORP,), TESTOBJECT),
        ((), (CONTOSO,), None),
        ((CONTOSO,), ("OU=orp,DC=contoso,DC=com",), CONTOSO),
        (("ou = CORP , dc=CONTOSO,dc=com",), (CONTOSO,), "ou=CORP,dc=CONTOSO,dc=com"),
        ((CONTOSO.lower(),), (CORP.upper(),), None),
    ],
)  # fmt: skip
def test_the_longest_listed_container_decides(
    lab: Any, bench: Any, included: tuple[str, ...], excluded: tuple[str, ...], decided: str | None
) -> None:
    """A tie includes, listed nowhere includes, the object itself may be listed, and case and blanks do not count."""
    containers(lab, included, excluded)
    record = lab.record(TESTOBJECT, staging="test")
    if decided is None:
        assert bench.failing(record) == (3, "container-excluded")
        assert record.failure.reason.split(" lies in ")[1].split(", which")[0].lower() == excluded[0].lower()
    else:
        assert bench.step(record, 3).status is Status.SUCCESS
        assert bench.step(record, 3).details["decidedBy"] == decided


def test_a_unit_with_a_comma_in_its_name_is_one_component(lab: Any, bench: Any) -> None:
    """The unit excludes what lies in it however its comma is escaped, and nothing beside it."""
    unit = f"OU=Smith\\, Jones,{CORP}"
    inside = dn_of("Inside", unit)
    lab.forest.add(entry(unit, "top organizationalUnit", None, {"ou": "Smith, Jones"}), person("Inside", unit, None))
    containers(lab, (CORP,), (CONTOSO, f"OU=smith\\2c  jones,{CORP}"))
    record = lab.record(inside)
    assert bench.failing(record) == (3, "container-excluded")
    containers(lab, (CORP,), (CONTOSO, f"OU=Jones,{CORP}"))
    assert lab.record(inside).failure is None


def test_a_container_included_inside_an_excluded_one_is_in(lab: Any, bench: Any) -> None:
    """The lab's own lists: OU=Kept lies in OU=Excluded lies in OU=corp."""
    record = lab.record(dn_of("Kasia Kept", KEPT))
    assert bench.step(record, 3).details["decidedBy"] == KEPT
    refused = lab.record(dn_of("Greta Closed", EXCLUDED))
    assert bench.failing(refused) == (3, "container-excluded")
    assert "OU=corp" in refused.failure.recommendation


# --- steps 4 and 5


def test_an_object_that_cannot_be_read_keeps_the_directory_s_reason(lab: Any, bench: Any) -> None:
    """The directory's own sentence is part of the reason, and nothing was staged."""
    record = lab.record(TESTOBJECT, directory=behind(lab, read=Unreadable("dc1 shows no objectGUID of it")))
    assert bench.failing(record) == (4, "object-not-readable")
    assert "dc1 shows no objectGUID of it" in record.failure.reason
    assert bench.step(record, 4).details == {"objectReadable": False}
    assert bench.states(record) == "snnnn"
    assert lab.ad(TESTOBJECT) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectorUnreachable("dc1.contoso.com does not answer", hint="Start it."), "failed-connection"),
        (ConnectorRefused("dc1 refuses the password", code="failed-authentication"), "failed-authentication"),
    ],
)
@pytest.mark.parametrize("number", [4, 6])
def test_a_directory_in_trouble_fails_the_step_with_exit_code_four(
    lab: Any, bench: Any, error: Exception, code: str, number: int
) -> None:
    """The connection's own code and sentence are the failure; the later steps say which one stopped the run."""
    part = "read" if number == 4 else "member"
    done = lab.run(PILOT, directory=behind(lab, **{part: error}))
    assert bench.failing(done.record) == (number, code)
    assert done.exit_code == 4
    assert done.record.failure.reason == error.message
    assert done.record.failure.recommendation
    assert [s.status for s in done.record.steps[number:]] == [Status.SKIPPED] * (10 - number)
    assert all(f"step {number} " in s.description for s in done.record.steps[number:])


def test_a_class_the_schema_does_not_know_is_named_as_the_directory_has_it(lab: Any, bench: Any) -> None:
    """The last value of objectClass, as the cmdlet would name it; with a known class above it, that one."""
    odd = retyped(person("Odd One", PEOPLE, None), "top contosoSpecialThing")
    lower = retyped(person("Lower One", PEOPLE, None), "top person contosoSpecialThing")
    lab.forest.add(odd, lower)
    record = lab.record(odd.dn)
    assert bench.failing(record) == (5, "object-type-not-included")
    assert bench.step(record, 5).details["objectType"] == "contosoSpecialThing"
    assert "user" in bench.step(record, 5).details["objectInclusionList"]
    assert record.source_identity.type == "contosoSpecialThing"
    assert bench.step(lab.record(lower.dn), 5).details["objectType"] == "person"


def test_a_type_that_is_not_on_the_connector_s_list_is_refused(lab: Any, bench: Any) -> None:
    """The list of the partition decides, whatever its case."""
    types = lab.connector("contoso.com").partition_of(Dn.parse(TESTOBJECT)).object_types
    lab.change_partition("contoso.com", CONTOSO, object_types=tuple(t for t in types if t != "user"))
    assert bench.failing(lab.record(TESTOBJECT)) == (5, "object-type-not-included")
    lab.change_partition("contoso.com", CONTOSO, object_types=tuple(t.upper() for t in types))
    assert lab.record(TESTOBJECT).failure is None


# --- step 6


def test_with_group_filtering_off_nobody_is_asked(lab: Any, bench: Any) -> None:
    """The outsider passes step 6 when the global switch is off, and the filter group is not even read."""
    lab.change_settings(Microsoft__OptionalFeature__GroupFiltering="False")
    record = lab.record(OUTSIDER, directory=behind(lab, member=AssertionError("asked")))
    assert record.failure is None
    assert bench.step(record, 6).details["groupFilteringEnabled"] is False


def test_a_connector_without_a_filter_group_filters_nothing(lab: Any, bench: Any) -> None:
    """Filtering is on for the server and has no group on this connector: everybody passes."""
    found = bench.step(lab.record(TESTOBJECT), 6)
    assert (found.status, found.details["groupFilteringEnabled"]) == (Status.SUCCESS, True)
    assert "no filter group" in found.description


def test_an_outsider_is_told_the_group_and_that_nesting_does_not_count(lab: Any, bench: Any) -> None:
    """The verdict names the group; the group was never imported, so its staged members are unknown and left out."""
    record = lab.record(OUTSIDER)
    assert bench.failing(record) == (6, "group-filter-not-member")
    assert PILOT_GROUP in record.failure.reason
    assert "nested" in record.failure.recommendation
    details = bench.step(record, 6).details
    assert details["memberInActiveDirectory"] is False
    assert "memberInConnectorSpace" not in details


def test_a_filter_group_that_cannot_be_read_has_a_reason_of_its_own(lab: Any, bench: Any) -> None:
    """Nobody counts as a member, and the reason is the group and not the object."""
    lab.forest.remove(PILOT_GROUP)
    record = lab.record(PILOT)
    assert bench.failing(record) == (6, "group-filter-not-member")
    assert "cannot be read" in record.failure.reason


def test_active_directory_decides_where_the_staged_group_disagrees(lab: Any, bench: Any) -> None:
    """A member in AD who is not staged passes, one who is staged and no member any more does not; both facts are shown."""
    lab.change_settings(Microsoft__OptionalFeature__GroupFiltering="False")
    lab.run(PILOT_GROUP)
    lab.change_settings(Microsoft__OptionalFeature__GroupFiltering="True")
    members = lab.forest.entries[PILOT_GROUP].attributes["member"]
    lab.forest.change(PILOT_GROUP, member=(*(m for m in members if m != PILOT), OUTSIDER))

    late = lab.record(OUTSIDER)
    assert late.failure is None
    facts = bench.step(late, 6)
    assert (facts.details["memberInActiveDirectory"], facts.details["memberInConnectorSpace"]) == (True, False)
    assert "the staged group does not list yet" in facts.description

    left = lab.record(PILOT)
    assert bench.failing(left) == (6, "group-filter-not-member")
    facts = bench.step(left, 6)
    assert (facts.details["memberInActiveDirectory"], facts.details["memberInConnectorSpace"]) == (False, True)


def test_a_filter_group_that_is_no_name_is_a_broken_configuration(lab: Any) -> None:
    """The export is at fault, not the command line: the message names file, parameter and connector."""
    parameters = {**lab.connector("fabrikam.com").parameters, "Connector.GroupFilteringGroupDn": "Entra pilot"}
    lab.change_connector("fabrikam.com", parameters=parameters)
    with pytest.raises(ConfigurationError, match="GroupFilteringGroupDn") as caught:
        lab.run(PILOT)
    assert "fabrikam.com" in caught.value.message
    assert caught.value.exit_code == 3
