"""One person in two forests on the embedded lab: a linked mailbox, its master account, and a move with a new anchor."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.entries import dn_of
from adsyncdiag.connectors.lab.scenarios.forest_people import MASTER, MOVED_FROM, MOVED_TO
from adsyncdiag.connectors.lab.scenarios.identifiers import source_anchor
from adsyncdiag.connectors.lab.scenarios.places import PEOPLE
from adsyncdiag.model.trace import Action

MAILBOX = dn_of("Lena Vogel", PEOPLE)
UPN = "lena.vogel@fabrikam.com"


def test_mailbox_first_then_the_account_then_the_mailbox_again(lab: Any, bench: Any) -> None:
    """The mailbox alone waits without a source anchor; the account brings it; the mailbox is then part of the same person."""
    waiting = lab.record(MAILBOX)
    assert bench.failing(waiting) == (9, "no-target-object")
    assert "linked mailbox" in waiting.failure.reason
    assert lab.ad(MAILBOX).sync_error is None
    assert not [u for u in lab.cloud.objects() if u["displayName"] == "Lena Vogel"]

    account = lab.record(MASTER)
    assert (account.failure, account.action) == (None, Action.CREATE)
    assert "joined by the rule" in bench.step(account, 9).details["link"]
    assert lab.ad(MASTER).link.metaverse == lab.ad(MAILBOX).link.metaverse
    (user,) = lab.cloud.anchored(source_anchor(MASTER))
    assert user["userPrincipalName"] == UPN
    assert user["accountEnabled"] is True

    again = lab.record(MAILBOX)
    assert again.failure is None
    assert lab.cloud.anchored(source_anchor(MAILBOX)) == []
    assert [lab.record(dn).action for dn in (MASTER, MAILBOX)] == [Action.OTHER, Action.OTHER]


@pytest.mark.parametrize("noise", [False, True])
def test_the_result_does_not_depend_on_the_order(new_lab: Callable[[], Any], noise: bool) -> None:
    """Whichever object comes first, the person in the metaverse and the user in Entra end up the same (engine.md 1.14)."""

    def end(order: tuple[str, ...]) -> tuple[Any, Any]:
        lab = new_lab()
        for dn in (*order, *order):
            lab.run(dn)
        if noise:
            lab.forest.change(MAILBOX, title="Changed")
            for dn in reversed(order):
                lab.run(dn)
        (user,) = lab.cloud.anchored(source_anchor(MASTER))
        # Not proxyAddresses: the service keeps the mail address of the first run as an alias.
        made_up = ("id", "createdDateTime", "securityIdentifier", "lastPasswordChangeDateTime", "proxyAddresses")
        values = {name: v for name, v in lab.metaverse(MASTER).values.items() if name != "cloudAnchor"}
        return values, {name: value for name, value in user.items() if name not in made_up}

    ends = [end(order) for order in itertools.permutations((MAILBOX, MASTER))]
    assert ends[0] == ends[1]


def test_a_move_with_a_new_anchor_stops_and_the_old_user_stays(lab: Any, bench: Any) -> None:
    """The new account joins by SID and would change the anchor: refused by the rule, by name, and nothing is written."""
    lab.run(MOVED_FROM)
    lab.run(MOVED_FROM)
    tenant = lab.cloud.state()
    record = lab.record(MOVED_TO)
    assert bench.failing(record) == (9, "sync-rule-error-function-triggered")
    assert "SourceAnchor attribute has changed." in record.failure.reason
    assert lab.cloud.state() == tenant
    assert lab.ad(MOVED_TO).link is None
    assert lab.ad(MOVED_TO).sync_error is not None
    assert lab.record(MOVED_FROM).action is Action.OTHER


def test_the_account_goes_away_and_the_mailbox_does_not_take_its_user(lab: Any, bench: Any) -> None:
    """Deleted in its forest, the account cannot be read; the mailbox's own run changes nothing in Entra."""
    for dn in (MASTER, MAILBOX, MASTER):
        lab.run(dn)
    lab.forest.remove(MASTER)
    tenant = lab.cloud.state()
    assert bench.failing(lab.record(MASTER)) == (4, "object-not-readable")
    lab.run(MAILBOX)
    assert lab.cloud.state() == tenant
