"""Records of single-object sync, written by hand: one for each outcome a reader meets, and one whose values are all hostile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from adsyncdiag.model.rules import Direction, FlowKind, LinkType
from adsyncdiag.model.trace import (
    Action,
    AttributeRow,
    ClauseVerdict,
    Failure,
    FlowTrace,
    Hop,
    HopState,
    Identity,
    JoinAttempt,
    Json,
    MetaverseRow,
    ModifiedProperty,
    RuleVerdict,
    Status,
    StepResult,
    StepType,
    SyncRecord,
    System,
)
from adsyncdiag.model.values import AttributeType, Reference, Scalar, Value, each

START = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
DN = "CN=Nora Berg,OU=corp,DC=contoso,DC=com"
FOREST = "contoso.com"
TENANT = "contoso.onmicrosoft.com - AAD"
IN_COMMON = UUID("0a1b2c3d-0000-4000-8000-000000000001")
IN_JOIN = UUID("0a1b2c3d-0000-4000-8000-000000000002")
IN_CUSTOM = UUID("0a1b2c3d-0000-4000-8000-000000000003")
OUT_JOIN = UUID("0a1b2c3d-0000-4000-8000-000000000004")
NAMES = {
    IN_COMMON: "In from AD - User Common",
    IN_JOIN: "In from AD - User Join",
    IN_CUSTOM: "In from AD - Contoso department",
    OUT_JOIN: "Out to AAD - User Join",
}
STEPS: tuple[tuple[str, str, StepType, str, Mapping[str, Json]], ...] = (
    (
        "ScopingDomain",
        "Source domain is in sync scope",
        StepType.SCOPING,
        "The domain DC=contoso,DC=com of this object is selected, and every run profile has a step for it.",
        {"partition": "DC=contoso,DC=com", "partitionSelected": True, "Full Import": True, "Export": True},
    ),
    (
        "ScopingDomain",
        "Target domain is in sync scope",
        StepType.SCOPING,
        "The partition of the Entra connector is selected, and every run profile has a step for it.",
        {"partition": "default", "partitionSelected": True},
    ),
    (
        "ScopingOrganizationalUnit",
        "Organizational unit is in sync scope",
        StepType.SCOPING,
        "OU=corp,DC=contoso,DC=com is included, and no longer exclusion covers this object.",
        {"inclusions": ["OU=corp,DC=contoso,DC=com", "OU=sales,DC=contoso,DC=com"], "exclusions": []},
    ),
    (
        "ScopingConnectivity",
        "Object is readable",
        StepType.SCOPING,
        "The connector account reads this object.",
        {"readable": True},
    ),
    (
        "ScopingObjectType",
        "Object type is in sync scope",
        StepType.SCOPING,
        "This object is a user, and users are included.",
        {"objectTypes": ["user", "group", "contact", "device"], "objectType": "user"},
    ),
    (
        "ScopingGroup",
        "Group filter lets the object pass",
        StepType.SCOPING,
        "This connector has no group filter.",
        {"filteringEnabled": False},
    ),
    (
        "ImportSpecificObject",
        "Import from Active Directory",
        StepType.IMPORT,
        "The object was read and staged in the connector space of contoso.com.",
        {"runStepResult": "success", "connectorSpaceObject": "7d1c2b1e-7a4f-4a0e-9a54-2f0f7c1c0a01"},
    ),
    (
        "ImportSpecificObject",
        "Import from Microsoft Entra ID",
        StepType.IMPORT,
        "The joined object was read from the tenant.",
        {"runStepResult": "success"},
    ),
    (
        "SyncSpecificObject",
        "Synchronise",
        StepType.SYNC,
        "The object was synchronised with the metaverse, and its Entra object is up to date there.",
        {"syncStepResult": "success", "metaverseObjectType": "person", "metaverseObjectOperation": "update"},
    ),
    (
        "ExportSpecificObject",
        "Export to Microsoft Entra ID",
        StepType.EXPORT,
        "The changes were written to the tenant.",
        {"runStepResult": "success"},
    ),
)
PLACES = ("Active Directory", "AD connector space", "Metaverse", "Entra connector space", "Microsoft Entra ID")


def row(
    name: str,
    value: Value | None,
    operation: str = "none",
    *,
    old: Value | None = None,
    kind: AttributeType = AttributeType.STRING,
    several: bool = False,
    rule: str = "",
    mapping: str = "",
    data_source: str = "",
    note: str = "",
) -> AttributeRow:
    """Return an attribute row; what it adds and removes follows from *old* and *value*."""
    changed = operation != "none"
    had, has = set(each(old)), set(each(value))
    return AttributeRow(
        name=name,
        type=kind,
        multi_valued=several,
        value=value,
        added=tuple(v for v in each(value) if v not in had) if changed else (),
        removed=tuple(v for v in each(old) if v not in has) if changed else (),
        operation=operation,
        rule=rule,
        mapping=mapping,
        data_source=data_source,
        note=note,
    )


def ten(
    stop: int = 0, failure: Failure | None = None, changes: Mapping[int, Mapping[str, object]] | None = None
) -> tuple[StepResult, ...]:
    """Return the ten steps; *stop* is the one that fails with *failure*, those after it are skipped; *changes* replaces fields."""
    steps = []
    for number, (name, title, kind, description, details) in enumerate(STEPS, start=1):
        status, why, facts = Status.SUCCESS, None, details
        if stop and number == stop:
            assert failure is not None
            status, why, description = Status.FAILURE, failure, failure.reason
        elif stop and number > stop:
            status, facts = Status.SKIPPED, {}
            description = f"Not reached: the run stopped at step {stop}, {STEPS[stop - 1][1]}."
        step = StepResult(
            number=number,
            name=name,
            title=title,
            type=kind,
            status=status,
            description=description,
            timestamp=START + timedelta(milliseconds=120 * number),
            details=facts,
            failure=why,
        )
        steps.append(replace(step, **(changes or {}).get(number, {})))  # type: ignore[arg-type]
    return tuple(steps)


def path(stopped: int = 0, note: str = "", warned: int = 0) -> tuple[Hop, ...]:
    """Return the five places; the object stopped on the way to *stopped* (1 is Active Directory), or reached all of them."""
    hops = []
    for number, name in enumerate(PLACES, start=1):
        state = HopState.REACHED
        if stopped:
            state = (
                HopState.STOPPED
                if number == stopped
                else HopState.NOT_REACHED
                if number > stopped
                else HopState.REACHED
            )
        elif number == warned:
            state = HopState.WARNING
        hops.append(Hop(name, state, note if number in (stopped, warned) else ""))
    return tuple(hops)


def verdict(
    rule: UUID,
    in_scope: bool,
    reason: str,
    precedence: int,
    *clauses: ClauseVerdict,
    direction: Direction = Direction.INBOUND,
) -> RuleVerdict:
    """Return a rule's verdict on the object."""
    return RuleVerdict(
        rule=rule,
        rule_name=NAMES[rule],
        direction=direction,
        connector=FOREST if direction is Direction.INBOUND else TENANT,
        precedence=precedence,
        link_type=LinkType.PROVISION if rule == IN_JOIN else LinkType.JOIN,
        in_scope=in_scope,
        reason=reason,
        clauses=clauses,
    )


RULES = (
    verdict(
        IN_CUSTOM,
        False,
        "department EQUAL Research is not met: the value is Sales",
        95,
        ClauseVerdict("department EQUAL Research", False, "Sales"),
    ),
    verdict(
        IN_JOIN,
        True,
        "All clauses of one group hold",
        100,
        ClauseVerdict("isCriticalSystemObject NOTEQUAL TRUE", True, None),
        ClauseVerdict("adminDescription NOTSTARTSWITH User_", True, None),
    ),
    verdict(IN_COMMON, True, "The rule has no scope, so it always applies", 104),
    verdict(
        OUT_JOIN,
        True,
        "All clauses of one group hold",
        115,
        ClauseVerdict("sourceObjectType EQUAL User", True, "User"),
        ClauseVerdict("cloudFiltered NOTEQUAL True", True, None),
        direction=Direction.OUTBOUND,
    ),
)
JOINS = (
    JoinAttempt(
        rule=IN_JOIN,
        rule_name=NAMES[IN_JOIN],
        group=1,
        clauses="ms-DS-ConsistencyGuid = sourceAnchorBinary",
        values="",
        matches=(),
        outcome="no value: ms-DS-ConsistencyGuid is empty on this object",
    ),
    JoinAttempt(
        rule=IN_JOIN,
        rule_name=NAMES[IN_JOIN],
        group=2,
        clauses="objectGUID = sourceAnchorBinary",
        values="objectGUID = Hissfck+kkarGnp4p/TmOw==",
        matches=(UUID("5f0b5ac4-6d0b-4d2b-8d3c-0f41a3f6d001"),),
        outcome="joined the one match",
    ),
)


def flow(attribute: str, rule: UUID, value: Value | None, won: bool = True, **changes: object) -> FlowTrace:
    """Return one attribute flow."""
    trace = FlowTrace(
        attribute=attribute,
        rule=rule,
        rule_name=NAMES[rule],
        precedence={IN_CUSTOM: 95, IN_JOIN: 100, IN_COMMON: 104, OUT_JOIN: 115}[rule],
        kind=FlowKind.DIRECT,
        source=attribute,
        data_source=FOREST if rule != OUT_JOIN else "Metaverse",
        outcome="value" if value is not None else "null",
        value=value,
        won=won,
    )
    return trace._replace(**changes)  # type: ignore[arg-type]


FLOWS = (
    flow("displayName", IN_COMMON, "Nora Berg"),
    flow("department", IN_COMMON, "Sales"),
    flow(
        "mail",
        IN_COMMON,
        "nora@contoso.com",
        kind=FlowKind.EXPRESSION,
        source="Trim([mail])",
    ),
    flow(
        "accountEnabled",
        IN_JOIN,
        True,
        kind=FlowKind.EXPRESSION,
        source="IIF(BitAnd([userAccountControl],2)=0,True,False)",
    ),
    flow("accountEnabled", IN_COMMON, False, False, note="In from AD - User Join has the better precedence (100)"),
    flow("usageLocation", IN_COMMON, None, False, note="the source attribute has no value"),
    flow("displayName", OUT_JOIN, "Nora Berg"),
)
IMPORT_ROWS = (
    row("department", "Sales", "update", old="Marketing"),
    row("displayName", "Nora Berg"),
    row("mail", "nora@contoso.com", "add"),
    row("manager", Reference("CN=Ola Dahl,OU=corp,DC=contoso,DC=com"), kind=AttributeType.REFERENCE),
    row("objectGUID", bytes.fromhex("1e2b2c7dc93e9246ab1a7a78a7f4e63b"), kind=AttributeType.BINARY),
    row(
        "proxyAddresses",
        ("SMTP:nora@contoso.com", "smtp:nora.berg@contoso.com"),
        "update",
        old=("SMTP:nora.berg@contoso.com",),
        several=True,
    ),
    row("telephoneNumber", None, "delete", old="+47 22 00 00 00"),
    row("userAccountControl", 512, kind=AttributeType.NUMBER),
    row("userPrincipalName", "nora@contoso.com"),
)
SYNC_ROWS = tuple(
    entry._replace(rule=NAMES[IN_COMMON], mapping="Direct", data_source=FOREST)
    for entry in IMPORT_ROWS
    if entry.name not in ("objectGUID", "userAccountControl")
)
EXPORT_ROWS = (
    row(
        "accountEnabled",
        True,
        kind=AttributeType.BOOLEAN,
        rule=NAMES[OUT_JOIN],
        mapping="Direct",
        data_source="Metaverse",
    ),
    row(
        "department",
        "Sales",
        "update",
        old="Marketing",
        rule=NAMES[OUT_JOIN],
        mapping="Direct",
        data_source="Metaverse",
    ),
    row("mail", "nora@contoso.com", "add", rule=NAMES[OUT_JOIN], mapping="Direct", data_source="Metaverse"),
    row(
        "proxyAddresses",
        ("SMTP:nora@contoso.com", "smtp:nora.berg@contoso.com"),
        "update",
        old=("SMTP:nora.berg@contoso.com",),
        several=True,
        rule=NAMES[OUT_JOIN],
        mapping="Direct",
        data_source="Metaverse",
    ),
    row(
        "telephoneNumber",
        None,
        "delete",
        old="+47 22 00 00 00",
        rule=NAMES[OUT_JOIN],
        mapping="Direct",
        data_source="Metaverse",
    ),
    row(
        "onPremiseSecurityIdentifier",
        "S-1-5-21-1004336348-1177238915-682003330-1104",
        rule=NAMES[OUT_JOIN],
        mapping="Expression",
        data_source="Metaverse",
        note="not writable through Graph",
    ),
)
MODIFIED = (
    ModifiedProperty("department", "Marketing", "Sales", "department"),
    ModifiedProperty("mail", None, "nora@contoso.com", "mail"),
    ModifiedProperty("proxyAddresses - Count", "1", "2", "proxyAddresses"),
    ModifiedProperty("telephoneNumber", "+47 22 00 00 00", None, "telephoneNumber"),
)
METAVERSE = (
    MetaverseRow("accountEnabled", True, NAMES[IN_JOIN], FOREST),
    MetaverseRow("department", "Sales", NAMES[IN_COMMON], FOREST),
    MetaverseRow("displayName", "Nora Berg", NAMES[IN_COMMON], FOREST),
    MetaverseRow("mail", "nora@contoso.com", NAMES[IN_COMMON], FOREST),
    MetaverseRow("proxyAddresses", ("SMTP:nora@contoso.com", "smtp:nora.berg@contoso.com"), NAMES[IN_COMMON], FOREST),
)


def success() -> SyncRecord:
    """Return an update that went through all ten steps."""
    return SyncRecord(
        id=UUID("11111111-1111-4111-8111-111111111111"),
        tenant_id="72f988bf-0000-4000-8000-000000000001",
        cycle_id=UUID("22222222-2222-4222-8222-222222222222"),
        job_id="contoso-lab",
        change_id="7d1c2b1e-7a4f-4a0e-9a54-2f0f7c1c0a01",
        started=START,
        ended=START + timedelta(milliseconds=1734),
        action=Action.UPDATE,
        status=Status.SUCCESS,
        staging=False,
        initiated_by="CONTOSO\\admin",
        initiator_type="user",
        service_principal=System(id="33333333-3333-4333-8333-333333333333", name="adsyncdiag"),
        source=System(id="44444444-4444-4444-8444-444444444444", name=FOREST, details={"server": "dc1.contoso.com"}),
        target=System(id="b891884f-051e-4a83-95af-2544101c9083", name=TENANT, details={"tenant": "Contoso"}),
        source_identity=Identity(
            id="7d2c2b1e-3ec9-4692-ab1a-7a78a7f4e63b", type="User", name=DN, display_name="Nora Berg"
        ),
        target_identity=Identity(
            id="66666666-6666-4666-8666-666666666666",
            type="User",
            name="nora@contoso.com",
            display_name="Nora Berg",
            details={"cloudAnchor": "User_66666666-6666-4666-8666-666666666666"},
        ),
        steps=ten(
            changes={7: {"attributes": IMPORT_ROWS}, 9: {"attributes": SYNC_ROWS}, 10: {"attributes": EXPORT_ROWS}}
        ),
        modified=MODIFIED,
        rules=RULES,
        joins=JOINS,
        flows=FLOWS,
        metaverse=METAVERSE,
        metaverse_id="5f0b5ac4-6d0b-4d2b-8d3c-0f41a3f6d001",
        metaverse_type="person",
        path=path(),
        version="0.1.0",
    )


def created() -> SyncRecord:
    """Return a user who was created in the tenant; step 8 had nothing to read, and a value was adapted."""
    rows = tuple(
        row(name, value, "add", rule=NAMES[OUT_JOIN], mapping="Direct", data_source="Metaverse")
        for name, value in (("displayName", "Nora Berg"), ("mail", "nora@contoso.com"), ("department", "Sales"))
    )
    unjoined = {"status": Status.SKIPPED, "description": "No Entra object is joined yet.", "details": {}}
    return replace(
        success(),
        action=Action.CREATE,
        steps=ten(
            changes={
                7: {"attributes": IMPORT_ROWS},
                8: unjoined,
                9: {"attributes": SYNC_ROWS},
                10: {"attributes": rows},
            }
        ),
        modified=tuple(ModifiedProperty(r.name, None, str(r.value), r.name) for r in rows),
        warnings=("The suffix contoso.local is not verified: the tenant gave nora@contoso.onmicrosoft.com.",),
        path=path(warned=5, note="created with another userPrincipalName"),
    )


def nothing_to_do() -> SyncRecord:
    """Return a run that found the object up to date everywhere."""
    calm = tuple(
        entry._replace(operation="none", added=(), removed=()) for entry in EXPORT_ROWS if entry.value is not None
    )
    return replace(
        success(),
        action=Action.OTHER,
        steps=ten(changes={10: {"attributes": calm, "description": "There was nothing to export."}}),
        modified=(),
    )


def excluded() -> SyncRecord:
    """Return an object whose container is excluded: the run stops at step 3."""
    failure = Failure(
        code="container-excluded",
        reason="OU=leavers,OU=corp,DC=contoso,DC=com is excluded on the connector contoso.com, and this object lies below it.",
        recommendation="Select that container under Domain and OU filtering, or move the object to one that is selected. "
        "See https://aka.ms/aadc-filtering-organizational-unit.",
        link="https://learn.microsoft.com/entra/identity/hybrid/connect/how-to-connect-sync-configure-filtering",
    )
    dn = "CN=Nora Berg,OU=leavers,OU=corp,DC=contoso,DC=com"
    facts: dict[str, Json] = {
        "inclusions": ["OU=corp,DC=contoso,DC=com"],
        "exclusions": ["OU=leavers,OU=corp,DC=contoso,DC=com"],
        "deciding": "OU=leavers,OU=corp,DC=contoso,DC=com",
    }
    return replace(
        success(),
        action=Action.OTHER,
        status=Status.FAILURE,
        failure=failure,
        steps=ten(3, failure, {3: {"details": facts}}),
        source_identity=Identity(name=dn),
        target_identity=Identity(),
        modified=(),
        rules=(),
        joins=(),
        flows=(),
        metaverse=(),
        metaverse_id="",
        metaverse_type="",
        path=path(2, "its container is excluded"),
    )


def rule_error() -> SyncRecord:
    """Return an object on which a winning flow raised an error: the run stops at step 9."""
    failure = Failure(
        code="sync-rule-error-function-triggered",
        reason='The rule "In from AD - Contoso department" stopped on this object: department must not be empty.',
        recommendation="Fill department on the object in Active Directory, or change the flow to department in that rule.",
        details='Error("department must not be empty")\n  IIF(IsNullOrEmpty([department]),Error(…),[department])\n'
        "  in rule In from AD - Contoso department, flow to department",
    )
    broken = flow(
        "department",
        IN_CUSTOM,
        None,
        kind=FlowKind.EXPRESSION,
        source='IIF(IsNullOrEmpty([department]),Error("department must not be empty"),[department])',
        outcome="error",
        note="department must not be empty",
    )
    return replace(
        success(),
        action=Action.OTHER,
        status=Status.FAILURE,
        failure=failure,
        steps=ten(9, failure, {7: {"attributes": IMPORT_ROWS}}),
        target_identity=Identity(),
        modified=(),
        flows=(broken, *FLOWS[:1]),
        metaverse=(),
        metaverse_id="",
        metaverse_type="",
        path=path(3, "a rule raised an error"),
    )


def conflict() -> SyncRecord:
    """Return an export that the tenant refused because another object has the same address; step 8 failed without ending the run."""
    failure = Failure(
        code="AttributeValueMustBeUnique",
        reason="The tenant refused nora@contoso.com for proxyAddresses: another user, Nora Berg (Guest), already has it.",
        recommendation="Remove the address from one of the two, or delete the other object, then run this command again. "
        "More at https://aka.ms/aadc-exporterror-attributevaluemustbeunique",
        details="400 Request_BadRequest: Another object with the same value for property proxyAddresses already exists.",
    )
    unread = Failure("failed-connection", "The tenant did not answer in 30 seconds.", "Try again later.")
    warning = {"status": Status.WARNING, "failure": unread, "description": "The Entra object could not be read."}
    return replace(
        success(),
        status=Status.FAILURE,
        failure=failure,
        steps=ten(
            10,
            failure,
            {7: {"attributes": IMPORT_ROWS}, 8: warning, 9: {"attributes": SYNC_ROWS}, 10: {"attributes": EXPORT_ROWS}},
        ),
        path=path(5, "the tenant refused the export"),
        warnings=("The Entra object was not read first, so its old values are those of the last import.",),
    )


def staging() -> SyncRecord:
    """Return an update that staging mode kept from being exported."""
    shown = {"attributes": EXPORT_ROWS, "description": "Staging mode: 4 changes would be exported.", "details": {}}
    return replace(success(), staging=True, steps=ten(changes={9: {"attributes": SYNC_ROWS}, 10: shown}))


def members(count: int) -> tuple[Scalar, ...]:
    """Return *count* references, as a group has them."""
    return tuple(Reference(f"CN=member{number:05},OU=people,OU=corp,DC=contoso,DC=com") for number in range(count))


def group(count: int = 50_000, joined: int = 3, left: int = 2) -> SyncRecord:
    """Return a group of *count* members of which *joined* are new, while *left* others went."""
    now = members(count)
    gone = tuple(Reference(f"CN=gone{number},OU=people,DC=contoso,DC=com") for number in range(left))
    before = (*now[joined:], *gone)
    member = row("member", now, "update", old=before, several=True, kind=AttributeType.REFERENCE)
    exported = member._replace(rule=NAMES[OUT_JOIN], mapping="Direct", data_source="Metaverse")
    return replace(
        success(),
        source_identity=Identity(
            id="7d2c2b1e-3ec9-4692-ab1a-7a78a7f4e63c",
            type="Group",
            name="CN=Everyone,OU=corp,DC=contoso,DC=com",
            display_name="Everyone",
        ),
        steps=ten(
            changes={7: {"attributes": (member,)}, 9: {"attributes": (exported,)}, 10: {"attributes": (exported,)}}
        ),
        modified=(ModifiedProperty("member - Count", str(len(before)), str(count), "member"),),
        flows=(flow("member", IN_COMMON, now), flow("member", OUT_JOIN, now)),
        metaverse=(MetaverseRow("member", now, NAMES[IN_COMMON], FOREST),),
        metaverse_type="group",
    )


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "\"'><svg onload=alert(3)>",
    "javascript:alert(4)",
    "http://plain.example/ https://safe.example/a?b=1&c=<x>",
    "exe.\u202egpj",
    "nul\x00 escape\x1b[2J bell\x07 return\r",
    "lone \ud800 surrogate",
    "zero\u200bwidth",
    "</title></style><!-- ]]> -->",
    "line\u2028separator\u2029paragraph",
)


def hostile() -> SyncRecord:
    """Return a record in which every text is hostile."""
    nasty = " ".join(HOSTILE)
    rows = tuple(
        row(text, (text, nasty), "update", several=True, rule=text, mapping="Direct", data_source=text, note=text)
        for text in (*HOSTILE, "a b", "a_b")
    )
    failure = Failure(nasty, nasty, nasty, nasty, "javascript:alert(5)")
    names = {"rule_name": nasty}
    base = success()
    return replace(
        base,
        tenant_id=nasty,
        job_id=nasty,
        change_id=nasty,
        status=Status.FAILURE,
        failure=failure,
        initiated_by=nasty,
        service_principal=System(nasty, nasty),
        source=System(nasty, nasty, {nasty: [nasty, {nasty: nasty}]}),
        target=System(nasty, nasty, {nasty: nasty}),
        source_identity=Identity(nasty, nasty, nasty, nasty, {nasty: nasty}),
        target_identity=Identity(nasty, nasty, nasty, nasty, {nasty: nasty}),
        steps=ten(
            10,
            failure,
            {
                1: {"name": nasty, "title": nasty, "description": nasty},
                9: {"attributes": rows, "details": {nasty: nasty, "unresolved": [nasty, {"deep": nasty}]}},
                10: {"attributes": rows},
            },
        ),
        warnings=(nasty,),
        modified=tuple(ModifiedProperty(text, text, nasty, text) for text in HOSTILE),
        rules=tuple(
            rule._replace(connector=nasty, reason=nasty, clauses=(ClauseVerdict(nasty, False, (nasty,)),), **names)
            for rule in RULES
        ),
        joins=tuple(join._replace(clauses=nasty, values=nasty, outcome=nasty, **names) for join in JOINS),
        flows=tuple(
            f._replace(
                attribute=nasty, source=nasty, data_source=nasty, outcome=nasty, value=nasty, note=nasty, **names
            )
            for f in FLOWS
        ),
        metaverse=(MetaverseRow(nasty, (nasty,), nasty, nasty),),
        metaverse_id=nasty,
        metaverse_type=nasty,
        path=tuple(Hop(nasty, state, nasty) for state in HopState),
        version=nasty,
    )


SAMPLES: dict[str, Callable[[], SyncRecord]] = {
    "success": success,
    "created": created,
    "nothing_to_do": nothing_to_do,
    "excluded": excluded,
    "rule_error": rule_error,
    "conflict": conflict,
    "staging": staging,
    "group": group,
    "hostile": hostile,
}
"""Every outcome by name."""
