"""P4 and P5: what rules cost, in one process, in memory.

P4  scope filter + 6 flows on an AD-like user: our compiled rule, a plain Python function that does the same, simpleeval (pre-parsed)
P5  one user through all inbound and outbound rules of a server export (the Contoso sample where it is at hand, else the lab's),
    without the record and with the whole of it
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adsyncdiag.connectors.lab.scenarios.lab import write_lab
from adsyncdiag.engine.rulebook import RuleBook
from adsyncdiag.engine.scope import ScopeSubject, compile_filter
from adsyncdiag.engine.subjects import Engine
from adsyncdiag.engine.synchronize import plan_synchronization
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.changes import SyncPlan, Writability
from adsyncdiag.model.configuration import Connector, ServerConfiguration
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject, MvObject
from adsyncdiag.model.rules import Direction, LinkType, ScopeClause, ScopeOperator, SyncRule
from adsyncdiag.model.values import Attributes, Scalar
from adsyncdiag.serverconfig.folder import load

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
USER: Attributes = {
    "cn": "Ann Example", "displayName": " Ann Example ", "givenName": "Ann", "sn": "Example", "sAMAccountName": "ann",
    "userPrincipalName": "ann@contoso.com", "mail": "ann@contoso.com", "department": "Sales", "title": "Manager", "company": "Contoso",
    "proxyAddresses": ("SMTP:ann@contoso.com", "smtp:a.example@contoso.com"), "description": ("first", "second"), "info": "note",
    "telephoneNumber": "+1 555 0100", "l": "Graz", "co": "Austria", "c": "AT", "countryCode": 40, "userAccountControl": 512,
    "pwdLastSet": 130543784930000000, "mailNickname": "ann", "objectGUID": uuid.UUID(int=7).bytes_le,
    "objectSid": bytes.fromhex("010500000000000515000000010000000200000003000000e8030000"), "employeeID": "7",
}  # fmt: skip
FLOWS = (
    "Trim([displayName])",
    "IIF(IsNullOrEmpty([description]),NULL,Left(Trim(Item([description],1)),448))",
    "IIF(BitAnd([userAccountControl],2)=0,True,False)",
    'IIF(IsPresent([userPrincipalName]),[userPrincipalName],[sAMAccountName] & "@contoso.com")',
    'IIF(Left([sAMAccountName],5)="MSOL_" || [sAMAccountName]="SUPPORT",True,NULL)',
    'Word([mail],1,"@") & "@example.com"',
)


def best(run: Callable[[], object], *, rounds: int = 15, seconds: float = 0.05) -> float:
    """Return the median time of one call in microseconds, each round long enough for the clock."""
    run()
    begin = time.perf_counter()
    run()
    count = max(1, int(seconds / max(time.perf_counter() - begin, 1e-7)))
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(count):
            run()
        taken.append((time.perf_counter() - begin) / count * 1e6)
    return statistics.median(taken)


def compiled_rule() -> Callable[[], object]:
    """Our scope filter and flows, compiled once."""
    clauses = (
        ScopeClause("isCriticalSystemObject", ScopeOperator.NOTEQUAL, "TRUE"),
        ScopeClause("adminDescription", ScopeOperator.NOTSTARTSWITH, "User_"),
        ScopeClause("mailNickname", ScopeOperator.ISNOTNULL),
    )
    rule = SyncRule(
        uuid.uuid4(), "P4", Direction.INBOUND, uuid.uuid4(), "user", "person", LinkType.JOIN, 1, scope=(clauses,)
    )
    scope, flows = compile_filter(rule), [compile_expression(text).evaluate for text in FLOWS]

    def run() -> object:
        if not scope.holds(ScopeSubject(USER, {})):
            return None
        context = Context(attributes=USER, parameters={}, now=NOW)
        return [flow(context) for flow in flows]

    return run


def plain(user: Attributes = USER) -> object:
    """The same by hand."""
    if str(user.get("isCriticalSystemObject", "")).lower() == "true" or str(
        user.get("adminDescription", "")
    ).lower().startswith("user_"):
        return None
    if "mailNickname" not in user:
        return None
    display, account, mail = (
        str(user.get("displayName") or ""),
        str(user.get("sAMAccountName") or ""),
        str(user.get("mail") or ""),
    )
    description, control, upn = user.get("description"), user.get("userAccountControl"), user.get("userPrincipalName")
    return [
        display.strip() or None,
        str(description[0]).strip()[:448] if isinstance(description, tuple) else None,
        isinstance(control, int) and control & 2 == 0,
        upn or account + "@contoso.com",
        True if account[:5] == "MSOL_" or account == "SUPPORT" else None,
        (mail.split("@") or [""])[0] + "@example.com",
    ]


def by_simpleeval() -> Callable[[], object] | None:
    """The same in simpleeval, parsed beforehand; None where it is not installed."""
    try:
        from simpleeval import EvalWithCompoundTypes
    except ImportError:
        return None
    texts = (
        "displayName.strip()", "description[0].strip()[:448] if description else None", "userAccountControl % 4 < 2",
        "userPrincipalName if userPrincipalName else sAMAccountName + '@contoso.com'",
        "True if sAMAccountName[:5] == 'MSOL_' or sAMAccountName == 'SUPPORT' else None", "mail.split('@')[0] + '@example.com'",
    )  # fmt: skip
    scope = "isCriticalSystemObject != 'TRUE' and not adminDescription.startswith('User_') and mailNickname != ''"
    evaluator = EvalWithCompoundTypes()
    parsed = [(text, evaluator.parse(text)) for text in (scope, *texts)]
    names = {"isCriticalSystemObject": "", "adminDescription": "", **USER}

    def run() -> object:
        evaluator.names = names
        return [evaluator.eval(text, previously_parsed=tree) for text, tree in parsed]

    return run


@dataclass
class InMemory:
    """Look-ups over two dictionaries: what a store answers, without one."""

    spaces: dict[uuid.UUID, CsObject] = field(default_factory=dict)
    metaverse: dict[uuid.UUID, MvObject] = field(default_factory=dict)

    def cs(self, identifier: uuid.UUID) -> CsObject | None:
        """By identifier."""
        return self.spaces.get(identifier)

    def cs_by_dn(self, connector: uuid.UUID, dn: Dn) -> CsObject | None:
        """By DN."""
        return next((o for o in self.spaces.values() if o.connector == connector and o.dn == dn), None)

    def cs_by_anchor(self, connector: uuid.UUID, anchor: str) -> CsObject | None:
        """By anchor."""
        return next((o for o in self.spaces.values() if o.connector == connector and o.anchor == anchor), None)

    def cs_matching(
        self, connector: uuid.UUID, object_type: str, attribute: str, value: Scalar, *, case_sensitive: bool = False
    ) -> tuple[CsObject, ...]:
        """Nobody else is there to be joined."""
        return ()

    def mv(self, identifier: uuid.UUID) -> MvObject | None:
        """By identifier."""
        return self.metaverse.get(identifier)

    def mv_matching(
        self, object_type: str, attribute: str, value: Scalar, *, case_sensitive: bool = False
    ) -> tuple[MvObject, ...]:
        """Nobody else is there to be joined."""
        return ()

    def connected(self, metaverse: uuid.UUID) -> tuple[CsObject, ...]:
        """By link."""
        return tuple(o for o in self.spaces.values() if o.link is not None and o.link.metaverse == metaverse)

    def linked(self, connector: uuid.UUID, keys: Sequence[str]) -> Mapping[str, uuid.UUID]:
        """No references here."""
        return {}

    def counterparts(self, connector: uuid.UUID, metaverse: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, CsObject]:
        """No references here."""
        return {}

    def waiting_for(self, connector: uuid.UUID, dn: Dn) -> tuple[uuid.UUID, ...]:
        """Nobody waits."""
        return ()


def write_all(_connector: Connector, _object_type: str, _attribute: str) -> Writability:
    """Everything can be written."""
    return Writability.WRITE


def configuration() -> tuple[ServerConfiguration, str]:
    """The Contoso sample, else the lab's export; and its name."""
    shared = Path(os.environ.get("ADSYNCDIAG_SHARED") or Path(__file__).resolve().parent.parent.parent / "shared")
    if (shared / "data" / "contoso-export").is_dir():
        return load(shared / "data" / "contoso-export"), "Contoso"
    with tempfile.TemporaryDirectory() as folder:
        write_lab(Path(folder) / "lab")
        return load(Path(folder) / "lab" / "export"), "lab"


def one_user() -> tuple[Callable[[bool], SyncPlan], str]:
    """A user synchronised once already, linked to an Entra object; the function plans it again."""
    found, name = configuration()
    connector, world = found.active_directory[0], InMemory()
    entry = CsObject(
        uuid.uuid4(), connector.id, connector.partitions[0].id, Dn.parse("CN=Ann Example,OU=corp,DC=contoso,DC=com"), "user",
        anchor="a", imported=USER, last_import=NOW,
    )  # fmt: skip
    book = RuleBook(found)

    def plan(trace: bool) -> SyncPlan:
        return plan_synchronization(
            world.spaces.get(entry.id, entry), Engine(book, world, NOW, trace), write_all, uuid.uuid4
        )

    first = plan(True)
    if first.failure is not None or first.metaverse_after is None:
        raise RuntimeError(first.link_note)
    world.metaverse[first.metaverse_after.id] = first.metaverse_after
    for found_entry in (first.after, *(p.after for p in first.outbound if p.after is not None)):
        world.spaces[found_entry.id] = found_entry
    return plan, name
