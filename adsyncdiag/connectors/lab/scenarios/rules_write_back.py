"""Default rules *Out to AD*: the Exchange hybrid attributes that come back (engine.md 3.5, numbers 151 to 158)."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios.rule_notation import direct, expression, merged, rule
from adsyncdiag.connectors.lab.scenarios.rules_users import SID_JOINS
from adsyncdiag.model.rules import SyncRule

_X500 = merged(
    expression("proxyAddresses", 'IIF(IsNullOrEmpty([cloudLegacyExchangeDN]),NULL,"x500:" & [cloudLegacyExchangeDN])')
)


def _from_cloud_mailbox(name: str) -> str:
    return f"IIF([cloudSOAExchMailbox] = True,[cloudMSExch{name}],IgnoreThisFlow)"


_MAILBOX = (
    direct("msExchUCVoiceMailSettings<cloudMSExchUCVoiceMailSettings")
    + expression("msExchBlockedSendersHash", _from_cloud_mailbox("BlockedSendersHash"))
    + expression("msExchSafeRecipientsHash", _from_cloud_mailbox("SafeRecipientsHash"))
    + expression("msExchSafeSendersHash", _from_cloud_mailbox("SafeSendersHash"))
    + expression(
        "msExchUserHoldPolicies",
        "IIF(IsNullOrEmpty([cloudMSExchUserHoldPolicies]),IgnoreThisFlow,[cloudMSExchUserHoldPolicies])",
    )
    + _X500
)

RULES: tuple[SyncRule, ...] = (
    rule("Out to AD - Contact Join", "person>contact", joins="mail=mail"),
    rule(
        "Out to AD - Group Join",
        "group>group",
        scope="cloudMastered NOTEQUAL True",
        joins="objectGUID=sourceAnchorBinary",
    ),
    rule("Out to AD - InetOrgPerson Join", "person>inetOrgPerson", joins=SID_JOINS),
    rule("Out to AD - User Join SOAInAD", "person>user", scope="cloudMastered EQUAL False", joins=SID_JOINS),
    rule("Out to AD - Contact Exchange Hybrid", "person>contact", _X500),
    rule("Out to AD - Group Exchange Hybrid", "group>group", _X500, scope="cloudMastered NOTEQUAL True"),
    rule(
        "Out to AD - InetOrgPerson Exchange Hybrid",
        "person>inetOrgPerson",
        _MAILBOX,
        scope="contributingConnectorExchange EQUAL %Connector.ID%",
    ),
    rule("Out to AD - User Exchange Hybrid", "person>user", _MAILBOX),
)
