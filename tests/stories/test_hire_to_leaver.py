"""One person from the first day to the last on the embedded lab: the twin of the live story."""

from __future__ import annotations

from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.entries import DISABLED, ENABLED, dn_of, entry, group, person
from adsyncdiag.connectors.lab.scenarios.identifiers import object_guid, source_anchor
from adsyncdiag.connectors.lab.scenarios.places import CORP, EXCLUDED, GROUPS
from adsyncdiag.model.trace import Action, Status

STORY = f"OU=Story,{CORP}"
ANN, TEAM = dn_of("Ann Story", STORY), dn_of("Team Story", GROUPS)
AWAY = dn_of("Ann Story", EXCLUDED)
UPN = "ann.story@contoso.com"


@pytest.fixture
def hired(lab: Any) -> Any:
    """A lab where Ann was hired this morning."""
    lab.forest.add(
        entry(STORY, "top organizationalUnit", None, {"ou": "Story"}),
        person("Ann Story", STORY, None, department="Sales", title=None, mail=UPN),
    )
    return lab


def test_from_hire_to_leaving_the_included_unit(hired: Any, bench: Any) -> None:
    """Create, nothing to do, change, join a group, move out and come back: documents and tenant agree each time."""
    lab = hired
    off = lab.record(ANN, export_enabled=False)
    assert (off.action, off.staging) == (Action.CREATE, True)
    assert not [u for u in lab.cloud.objects() if u["userPrincipalName"] == UPN]

    created = lab.record(ANN)
    assert (created.action, created.status) == (Action.CREATE, Status.SUCCESS)
    user = lab.cloud.user(UPN)
    assert (user["displayName"], user["department"], user["accountEnabled"]) == ("Ann Story", "Sales", True)
    assert created.target_identity.id == user["id"]
    assert lab.record(ANN).action is Action.OTHER

    lab.forest.change(ANN, department="Board", title="Head", mail=None, proxyAddresses=None)
    changed = lab.record(ANN)
    assert {m.name: (m.old, m.new) for m in changed.modified} == {
        "department": ("Sales", "Board"),
        "title": (None, "Head"),
        "mail": (UPN, None),
    }
    assert (lab.cloud.user(UPN)["department"], lab.cloud.user(UPN)["jobTitle"]) == ("Board", "Head")
    assert lab.record(ANN).action is Action.OTHER

    lab.forest.add(group("Team Story", GROUPS, None, (ANN,)))
    assert lab.record(TEAM).action is Action.CREATE
    assert lab.cloud.group("Team Story")["members"] == [user["id"]]

    lab.forest.move(ANN, AWAY)
    tenant = lab.cloud.state()
    moved = lab.record(AWAY)
    assert bench.failing(moved) == (3, "container-excluded")
    assert moved.steps[3].status is Status.SKIPPED
    assert bench.failing(lab.record(ANN)) == (4, "object-not-readable")
    assert lab.cloud.state() == tenant

    lab.forest.move(AWAY, ANN)
    back = lab.record(ANN)
    assert (back.failure, back.action) == (None, Action.OTHER)
    assert back.source_identity.id == str(object_guid(ANN))
    assert lab.cloud.anchored(source_anchor(ANN)) == [lab.cloud.user(UPN)]


def test_a_new_name_after_a_wedding(hired: Any) -> None:
    """Renamed in AD with a new UPN: one update of the same user, and the group needs nothing."""
    lab = hired
    lab.forest.add(group("Team Story", GROUPS, None, (ANN,)))
    lab.run(ANN)
    lab.run(TEAM)
    before = lab.cloud.user(UPN)
    married = dn_of("Ann Chapter", STORY)
    lab.forest.move(ANN, married)
    lab.forest.change(
        married, sn="Chapter", displayName="Ann Chapter", userPrincipalName="ann.chapter@contoso.com", mail=None,
        proxyAddresses=None,
    )  # fmt: skip
    record = lab.record(married)
    assert (record.action, record.failure) == (Action.UPDATE, None)
    changed = {m.name: m.new for m in record.modified}
    assert changed["userPrincipalName"] == "ann.chapter@contoso.com"
    assert changed["surname"] == "Chapter"
    assert lab.cloud.user("ann.chapter@contoso.com")["id"] == before["id"]
    assert lab.record(TEAM).action is Action.OTHER
    assert lab.cloud.group("Team Story")["members"] == [before["id"]]
    assert lab.record(married).action is Action.OTHER


def test_disabled_on_the_last_day_and_enabled_again(hired: Any) -> None:
    """The account is closed by one attribute and opened by the same."""
    lab = hired
    lab.run(ANN)
    lab.forest.change(ANN, userAccountControl=str(DISABLED))
    record = lab.record(ANN)
    assert [(m.name, m.old, m.new) for m in record.modified] == [("accountEnabled", "True", "False")]
    assert lab.cloud.user(UPN)["accountEnabled"] is False
    assert lab.record(ANN).action is Action.OTHER
    lab.forest.change(ANN, userAccountControl=str(ENABLED))
    assert [(m.name, m.new) for m in lab.record(ANN).modified] == [("accountEnabled", "True")]
    assert lab.cloud.user(UPN)["accountEnabled"] is True


def test_a_leaver_deleted_in_active_directory_stays_in_entra(hired: Any, bench: Any) -> None:
    """The object cannot be read any more; single-object sync deletes nothing, and says so by doing nothing."""
    lab = hired
    lab.run(ANN)
    lab.forest.remove(ANN)
    tenant, staged = lab.cloud.state(), lab.ad(ANN)
    done = lab.run(ANN)
    assert bench.failing(done.record) == (4, "object-not-readable")
    assert done.exit_code == 1
    assert lab.cloud.state() == tenant
    assert lab.ad(ANN) == staged


def test_a_mailbox_user_who_leaves_the_exchange_rules(hired: Any) -> None:
    """The mail nickname goes away: attributes of the Exchange rules are taken away in Entra too, and no other."""
    lab = hired
    lab.forest.change(ANN, mailNickname="ann.story", extensionAttribute5="badge 7")
    lab.run(ANN)
    assert lab.cloud.user(UPN)["onPremisesExtensionAttributes"]["extensionAttribute5"] == "badge 7"
    lab.forest.change(ANN, mailNickname=None, extensionAttribute5=None)
    record = lab.record(ANN)
    assert record.failure is None
    assert "extensionAttribute5" in {m.name for m in record.modified}
    user = lab.cloud.user(UPN)
    assert not (user.get("onPremisesExtensionAttributes") or {}).get("extensionAttribute5")
    assert (user["department"], user["mailNickname"]) == ("Sales", "ann.story")
    assert lab.record(ANN).action is Action.OTHER
