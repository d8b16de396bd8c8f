"""Default rules *In from AD* for users and inetOrgPersons (engine.md 3.1 to 3.3, numbers 100 to 111)."""

from __future__ import annotations

from dataclasses import replace

from adsyncdiag.connectors.lab.scenarios.rule_notation import (
    constant,
    direct,
    expression,
    numbered,
    rule,
    trimmed,
    without,
)
from adsyncdiag.model.rules import Flow, SyncRule

EXTENSION_ATTRIBUTES = numbered("extensionAttribute", 15)
TRIMMED = (
    f"c co company department {EXTENSION_ATTRIBUTES} facsimileTelephoneNumber givenName homePhone initials ipPhone l mail "
    "middleName mobile otherFacsimileTelephoneNumber otherHomePhone otherIpPhone otherMobile otherPager otherTelephone pager "
    "physicalDeliveryOfficeName postalCode preferredLanguage sn st streetAddress telephoneNumber title wWWHomePage"
)
"""What people type into Active Directory Users and Computers; every such rule trims it."""

SID_JOINS = (
    "objectSid=objectSid | msExchMasterAccountSid=objectSid | objectSid=msExchMasterAccountSid | "
    "msRTCSIP-OriginatorSid=objectSid | objectSid=msRTCSIP-OriginatorSid"
)
"""The wizard's *ObjectSID and msExchMasterAccountSID* option (engine.md 3.2)."""

_NOT_CRITICAL = "isCriticalSystemObject NOTEQUAL TRUE"
_NOT_WRITTEN_BACK = "adminDescription NOTSTARTSWITH User_"
_MAILBOX = "mailNickname ISNOTNULL"

_CLOUD_FILTERED = expression(
    "cloudFiltered",
    'IIF(IsPresent([isCriticalSystemObject]) || IsPresent([sAMAccountName]) = False || [sAMAccountName] = "SUPPORT_388945a0" || '
    'Left([mailNickname], 14) = "SystemMailbox{" || Left([sAMAccountName], 4) = "AAD_" || '
    '(Left([mailNickname], 4) = "CAS_" && (InStr([mailNickname], "}") > 0)) || '
    '(Left([sAMAccountName], 4) = "CAS_" && (InStr([sAMAccountName], "}") > 0)) || Left([sAMAccountName], 5) = "MSOL_" || '
    "CBool(IIF(IsPresent([msExchRecipientTypeDetails]),BitAnd([msExchRecipientTypeDetails],&H21C07000) > 0,NULL)) || "
    'CBool(InStr(DNComponent(CRef([dn]),1),"\\\\0ACNF:")>0), True, NULL)',
)

DISPLAY_NAME = expression("displayName", "IIF(IsNullOrEmpty([displayName]),[cn],[displayName])")
SHORT_INFO = expression("info", "Left(Trim([info]),448)")
PROXY_ADDRESSES = expression("proxyAddresses", 'RemoveDuplicates(Trim(ImportedValue("proxyAddresses")))')
SID_STRING = expression("objectSidString", "StringFromSid([objectSid])")
ACCOUNT_ENABLED = expression("accountEnabled", "IIF(BitAnd([userAccountControl],2)=0,True,False)")


def first_value(name: str) -> tuple[Flow, ...]:
    """Return the flow of a multi-valued AD attribute into a single-valued one: its first value, cut to the limit."""
    return expression(name, f"IIF(IsNullOrEmpty([{name}]),NULL,Left(Trim(Item([{name}],1)),448))")


FIRST_VALUES = first_value("description") + first_value("postOfficeBox") + first_value("url")

_ORIGIN = (
    expression("domainFQDN", "%Domain.FQDN%")
    + expression("domainNetBios", "%Domain.Netbios%")
    + expression("forestFQDN", "%Forest.FQDN%")
    + expression("forestNetBios", "%Forest.Netbios%")
)
_ANCHOR = "IIF(IsString([objectGUID]),CStr([objectGUID]),ConvertToBase64([objectGUID]))"
_ACCOUNT = (
    direct("objectSid")
    + SID_STRING
    + _ORIGIN
    + expression(
        "pwdLastSet",
        'IIF(IsPresent([pwdLastSet]),CStr(FormatDateTime(DateFromNum([pwdLastSet]),"yyyyMMddHHmmss.0Z")),NULL)',
    )
    + expression(
        "sourceAnchor",
        f"IIF(IsPresent([msExchRecipientTypeDetails]),IIF([msExchRecipientTypeDetails]=2,NULL,{_ANCHOR}),{_ANCHOR})",
    )
    + expression(
        "userPrincipalName",
        "IIF(IsPresent([userPrincipalName]),[userPrincipalName], IIF(IsPresent([sAMAccountName]),"
        '([sAMAccountName]&"@"&%Domain.FQDN%),Error("AccountName is not present")))',
    )
)
_ENABLED = (
    constant("accountEnabled", "True")
    + direct("cn")
    + expression("contributingConnectorUser", "%Connector.ID%")
    + _ACCOUNT
)
_GAL = (
    direct("accountName<sAMAccountName assistant cn countryCode manager photo thumbnailPhoto")
    + trimmed(TRIMMED)
    + ACCOUNT_ENABLED
    + DISPLAY_NAME
    + SHORT_INFO
    + FIRST_VALUES
    + PROXY_ADDRESSES
    + expression(
        "sourceObjectType",
        'IIF(IsPresent([msExchRecipientTypeDetails]), IIF([msExchRecipientTypeDetails]=2, NULL, "User"), "User")',
    )
)
_EXCHANGE = (
    expression("contributingConnectorExchange", "%Connector.ID%")
    + trimmed(f"{EXTENSION_ATTRIBUTES} telephoneAssistant")
    + direct(
        "authOrig dLMemRejectPerms dLMemSubmitPerms legacyExchangeDN mailNickname msDS-HABSeniorityIndex "
        "msDS-PhoneticDisplayName msExchArchiveGUID msExchArchiveName msExchAssistantName msExchBlockedSendersHash "
        "msExchBypassModerationFromDLMembersLink<msExchBypassModerationFromDLMembersBL msExchBypassModerationLink "
        "msExchDelegateListLink msExchELCExpirySuspensionEnd msExchELCExpirySuspensionStart msExchELCMailboxFlags "
        "msExchEnableModeration msExchHideFromAddressLists msExchImmutableId msExchMailboxGuid msExchMasterAccountSid "
        "msExchModeratedByLink msExchModerationFlags msExchRecipientDisplayType msExchRecipientTypeDetails "
        "msExchRequireAuthToSendTo msExchResourceCapacity msExchResourceDisplay msExchResourceMetaData "
        "msExchResourceSearchProperties msExchRetentionComment msExchRetentionURL msExchSafeRecipientsHash "
        "msExchSafeSendersHash msExchSenderHintTranslations msExchUserHoldPolicies publicDelegates targetAddress "
        "unauthOrig userCertificate userSMIMECertificate"
    )
)
_LYNC = direct(
    "msRTCSIP-ApplicationOptions msRTCSIP-DeploymentLocator msRTCSIP-Line msRTCSIP-OptionFlags msRTCSIP-OriginatorSid "
    "msRTCSIP-OwnerUrn msRTCSIP-PrimaryUserAddress msRTCSIP-UserEnabled"
)
_USER, _INET = "user>person", "inetOrgPerson>person"
_PROVISION = "Provision"

RULES: tuple[SyncRule, ...] = (
    rule(
        "In from AD - User Join",
        _USER,
        _CLOUD_FILTERED,
        link=_PROVISION,
        scope=f"{_NOT_CRITICAL} & {_NOT_WRITTEN_BACK}",
        joins=SID_JOINS,
    ),
    rule(
        "In from AD - InetOrgPerson Join", _INET, _CLOUD_FILTERED, link=_PROVISION, scope=_NOT_CRITICAL, joins=SID_JOINS
    ),
    replace(
        rule("In from AD - User AccountEnabled", _USER, _ENABLED, scope="userAccountControl ISBITNOTSET 2"),
        password_sync=True,
    ),
    rule("In from AD - InetOrgPerson AccountEnabled", _INET, _ENABLED, scope="userAccountControl ISBITNOTSET 2"),
    rule("In from AD - User Common from Exchange", _USER, _GAL, scope=f"{_MAILBOX} & {_NOT_WRITTEN_BACK}"),
    rule("In from AD - InetOrgPerson Common from Exchange", _INET, _GAL, scope=_MAILBOX),
    rule("In from AD - User Common", _USER, _GAL, _ACCOUNT, scope=_NOT_WRITTEN_BACK),
    rule("In from AD - InetOrgPerson Common", _INET, without(_GAL, "proxyAddresses"), _ACCOUNT),
    rule("In from AD - User Exchange", _USER, _EXCHANGE, scope=_MAILBOX),
    rule("In from AD - InetOrgPerson Exchange", _INET, _EXCHANGE, scope=_MAILBOX),
    rule("In from AD - User Lync", _USER, _LYNC),
    rule("In from AD - InetOrgPerson Lync", _INET, without(_LYNC, "msRTCSIP-OriginatorSid")),
)
