"""Steps 1 to 6: is the object in scope? Questions to the configuration, and two reads of the directory."""

from __future__ import annotations

from adsyncdiag.diagnosis.case import Case, StepOutcome, failed, passed
from adsyncdiag.engine.subjects import lists_member
from adsyncdiag.errors import ConfigurationError, UsageError
from adsyncdiag.model.codes import Code
from adsyncdiag.model.configuration import Connector, Partition
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable
from adsyncdiag.model.trace import Failure, Json

GROUP_FILTERING = "Microsoft.OptionalFeature.GroupFiltering"
PROFILES = ("Full Import", "Full Synchronization", "Delta Import", "Delta Synchronization", "Export")
BUILT_IN = ("Specific Object Import", "Specific Object Export")
"""Demanded only where the export has profiles of that name; elsewhere they are taken as built in."""


def source_domain(case: Case) -> StepOutcome:
    """Step 1: the object's domain is a selected partition of an AD connector, with a step in every run profile."""
    dn = case.question.dn
    homes = [(c, p) for c in case.world.configuration.active_directory if (p := c.partition_of(dn)) is not None]
    if not homes:
        return _no_partition(case)
    case.connector, case.partition = next((home for home in homes if home[1].selected), homes[0])
    details, missing = _partition_facts(case.connector, case.partition)
    if not case.partition.selected:
        return failed(
            Failure(
                Code.SOURCE_PARTITION_NOT_SELECTED,
                f"The domain {case.partition.name} of this object is not selected on the connector {case.connector.name}, "
                "so nothing in it is imported",
                f"Select the domain {case.partition.name} in the Microsoft Entra Connect wizard (Customize synchronization "
                "options, Domain and OU filtering), then run a full import.",
                link="https://aka.ms/aadc-filtering-domain",
            ),
            f"The domain {case.partition.name} is not selected for synchronisation.",
            details,
        )
    if missing:
        return failed(
            _profiles_missing(case.connector, case.partition, missing),
            "Run profiles lack a step for this domain.",
            details,
        )
    return passed(f"The domain {case.partition.name} is selected on the connector {case.connector.name}.", details)


def target_domain(case: Case) -> StepOutcome:
    """Step 2: the Entra connector exists, with its one partition selected and a step in every run profile."""
    target = case.world.configuration.entra
    if target is None or len(target.partitions) != 1:
        found = (
            "no Entra connector"
            if target is None
            else f"{len(target.partitions)} partitions on {target.name} instead of one"
        )
        return failed(
            Failure(
                Code.TARGET_CONNECTOR_NOT_FOUND,
                f"The server configuration has {found}, so there is no target to synchronise to",
                "Export the configuration again with Get-ADSyncServerConfiguration on the server that synchronises this forest.",
            ),
            "The server configuration has no usable Entra connector.",
        )
    case.target = target
    partition = target.partitions[0]
    details, missing = _partition_facts(target, partition)
    if not partition.selected:
        return failed(
            Failure(
                Code.TARGET_PARTITION_NOT_SELECTED,
                f"The partition {partition.name} of the connector {target.name} is not selected",
                "Select it in Synchronization Service Manager, Connectors, Properties, or run the Microsoft Entra Connect wizard again.",
                link="https://aka.ms/aadc-sync-service-manager-ui-operations",
            ),
            "The target partition is not selected.",
            details,
        )
    if missing:
        return failed(
            _profiles_missing(target, partition, missing), "Run profiles lack a step for the target.", details
        )
    return passed(f"The target is the connector {target.name}.", details)


def organizational_unit(case: Case) -> StepOutcome:
    """Step 3: the longest listed container that is the object or an ancestor decides; a tie includes, none at all includes."""
    partition, dn = _partition(case), case.question.dn
    included, excluded = _closest(dn, partition.included), _closest(dn, partition.excluded)
    details: dict[str, Json] = {
        "containerInclusionList": [str(entry) for entry in partition.included],
        "containerExclusionList": [str(entry) for entry in partition.excluded],
        "decidedBy": str(included or excluded or ""),
    }
    if excluded is not None and (included is None or len(excluded.key) > len(included.key)):
        details["decidedBy"] = str(excluded)
        wish = (
            f"Move the object into an included container ({_some(partition.included)}), or include"
            if partition.included
            else "Include"
        )
        return failed(
            Failure(
                Code.CONTAINER_EXCLUDED,
                f"The object lies in {excluded}, which is excluded on the connector {_connector(case).name}",
                f"{wish} {dn.parent or dn} in the Microsoft Entra Connect wizard (Domain and OU filtering), then run a full import.",
                link="https://aka.ms/aadc-filtering-organizational-unit",
            ),
            f"The container {excluded} is excluded from synchronisation.",
            details,
        )
    if included is not None:
        return passed(f"The container {included} is included.", details)
    return passed("No listed container concerns this object, so it is in scope.", details)


def connectivity(case: Case) -> StepOutcome:
    """Step 4: the connector account can read the object."""
    connector = _connector(case)
    found = case.world.directory(connector).read(case.question.dn)
    if isinstance(found, Unreadable):
        return failed(
            Failure(
                Code.OBJECT_NOT_READABLE,
                f"The connector account cannot read {case.question.dn}: {found.reason}",
                "Check the distinguished name. If the object exists, give the connector account read permission on it (blocked "
                "inheritance is the usual reason; Set-ADSyncBasicReadPermissions), and see whether the domain controller has replicated it.",
                link="https://aka.ms/aadc-configure-ad-ds-connector-account",
            ),
            "The object cannot be read with the connector account.",
            {"objectReadable": False},
        )
    case.image = found
    return passed("The connector account can read the object.", {"objectReadable": True, "objectId": found.anchor})


def object_type(case: Case) -> StepOutcome:
    """Step 5: the object's class is on the connector's list of object types."""
    partition, image = _partition(case), _image(case)
    details: dict[str, Json] = {"objectInclusionList": list(partition.object_types), "objectType": image.object_type}
    if image.object_type.lower() in {name.lower() for name in partition.object_types}:
        return passed(f"The object type {image.object_type} is included.", details)
    dynamic = image.object_type == "msExchDynamicDistributionList"
    advice = (
        "Dynamic distribution groups are never synchronised; create the group in Exchange Online."
        if dynamic
        else f"Include the object type {image.object_type} on the connector {_connector(case).name} if it is to be synchronised, "
        "and check that a synchronisation rule exists for it."
    )
    return failed(
        Failure(
            Code.OBJECT_TYPE_NOT_INCLUDED,
            f"The object is of type {image.object_type or 'unknown'}, which the connector {_connector(case).name} does not import",
            advice,
            link="https://aka.ms/aadc-refresh-directory-schema",
        ),
        f"The object type {image.object_type} is not included.",
        details,
    )


def group_filter(case: Case) -> StepOutcome:
    """Step 6: with group-based filtering on, the object is a direct member of the group. AD decides; staged data is shown."""
    connector = _connector(case)
    enabled = case.world.configuration.flag(GROUP_FILTERING)
    details: dict[str, Json] = {"groupFilteringEnabled": enabled, "groupFilteringGroupDn": connector.group_filter}
    if not enabled:
        return passed("Group-based filtering is off.", details)
    if not connector.group_filter:
        return passed(f"Group-based filtering is on, and the connector {connector.name} has no filter group.", details)
    group = _filter_group(connector)
    member, staged = case.world.directory(connector).is_member(group, _image(case).dn), _staged_member(case, group)
    details |= {"memberInActiveDirectory": member, "memberInConnectorSpace": staged}
    if member:
        late = "" if staged is not False else ", which the staged group does not list yet"
        return passed(f"The object is a direct member of {group}{late}.", details)
    reason = (
        f"The filter group {group} of the connector {connector.name} cannot be read, so the object counts as outside it"
        if member is None
        else f"The object is not a direct member of {group}, and the connector {connector.name} synchronises only its members"
    )
    return failed(
        Failure(
            Code.GROUP_FILTER_NOT_MEMBER,
            reason,
            f"Add the object to {group} as a direct member (nested groups are not expanded), or switch group-based filtering off.",
            link="https://aka.ms/aadc-filtering-group",
        ),
        "The object is outside the group filter.",
        details,
    )


# --- parts --------------------------------------------------------------------------------------------------------


def _no_partition(case: Case) -> StepOutcome:
    known = [p.name for c in case.world.configuration.active_directory for p in c.partitions]
    domain = case.question.dn.domain
    return failed(
        Failure(
            Code.SOURCE_PARTITION_NOT_FOUND,
            f"No connector has a partition for {domain}"
            if domain
            else f"{case.question.dn} names no domain (it has no DC= part)",
            f"Check the distinguished name. The configuration knows these domains: {_some(known)}. Add a missing one with the "
            "Microsoft Entra Connect wizard (Connect your directories).",
            link="https://aka.ms/aadc-filtering-domain",
        ),
        "The object's domain is not part of the configuration.",
        {"knownPartitions": list(known)},
    )


def _partition_facts(connector: Connector, partition: Partition) -> tuple[dict[str, Json], list[str]]:
    """Return the details of steps 1 and 2, and the run profiles without a step for the partition."""
    profiles: dict[str, Json] = {}
    missing = []
    for name in (*PROFILES, *BUILT_IN):
        profile = connector.run_profile(name)
        if profile is None and name in BUILT_IN:
            profiles[name] = "built in"
            continue
        has = profile is not None and profile.has_step_for(partition.id)
        profiles[name] = has
        if not has:
            missing.append(name)
    facts: dict[str, Json] = {
        "connector": connector.name,
        "partition": partition.name,
        "partitionSelected": partition.selected,
        "runProfiles": profiles,
    }
    return facts, missing


def _profiles_missing(connector: Connector, partition: Partition, missing: list[str]) -> Failure:
    return Failure(
        Code.RUN_PROFILE_STEP_MISSING,
        f"These run profiles of the connector {connector.name} have no step for {partition.name}: {', '.join(missing)}",
        f"Add a step for {partition.name} to each of them (Synchronization Service Manager, Connectors, Configure Run Profiles).",
        link="https://aka.ms/aadc-filtering-domain",
    )


def _closest(dn: Dn, containers: tuple[Dn, ...]) -> Dn | None:
    return max((c for c in containers if dn.is_under(c)), key=lambda c: len(c.key), default=None)


def _filter_group(connector: Connector) -> Dn:
    try:
        return Dn.parse(connector.group_filter)
    except UsageError as error:
        raise ConfigurationError(
            f"the filter group of the connector {connector.name} is no distinguished name: {error.message}",
            hint="Correct it with the Microsoft Entra Connect wizard (Filter users and devices), and export the configuration again.",
            file=connector.file,
            element="Connector.GroupFilteringGroupDn",
        ) from error


def _staged_member(case: Case, group: Dn) -> bool | None:
    """Say whether the staged group lists the object; None when the group was never imported."""
    with case.world.store.unit_of_work() as work:
        staged = work.cs_by_dn(_connector(case).id, group)
    return None if staged is None else lists_member(staged, _image(case).dn)


def _some(items: object) -> str:
    names = [str(item) for item in items] if isinstance(items, list | tuple) else []
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "") or "none"


def _connector(case: Case) -> Connector:
    if case.connector is None:
        raise ValueError("step 1 has not run")
    return case.connector


def _partition(case: Case) -> Partition:
    if case.partition is None:
        raise ValueError("step 1 has not run")
    return case.partition


def _image(case: Case) -> Image:
    if case.image is None:
        raise ValueError("step 4 has not run")
    return case.image
