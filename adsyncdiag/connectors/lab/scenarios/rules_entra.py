"""Default rules between the metaverse and Entra (engine.md 3.1, 3.4, 3.5; numbers 119 to 150 and 160).

What each workload takes is Microsoft Learn, *Microsoft Entra Connect Sync: Attributes synchronized to Microsoft Entra ID*.
"""

from __future__ import annotations

from dataclasses import replace

from adsyncdiag.connectors.lab.scenarios.rule_notation import direct, expression, merged, numbered, rule
from adsyncdiag.connectors.lab.scenarios.rules_users import EXTENSION_ATTRIBUTES
from adsyncdiag.model.rules import Flow, SyncRule

_RENAMED = dict(
    pair.split(">")
    for pair in [
        "cn>commonName",
        "accountName>onPremisesSamAccountName",
        "objectSid>onPremiseSecurityIdentifier",
        "pwdLastSet>lastPasswordChangeTimestamp",
        "domainFQDN>dnsDomainName",
        "domainNetBios>netBiosName",
        "mailNickname>alias",
        "sn>surname",
        "l>city",
        "st>state",
        "co>country",
        "c>countryLetterCode",
        "msDS-HABSeniorityIndex>msDsHabSeniorityIndex",
        "msDS-PhoneticDisplayName>msDsPhoneticDisplayName",
        "msExchArchiveGUID>msExchArchiveGuid",
        "msExchResourceMetaData>msExchResourceMetadata",
        "msExchRetentionURL>msExchRetentionUrl",
        "msOrg-IsOrganizational>msOrgIsOrganizational",
    ]
)


def entra_name(name: str) -> str:
    """Return the Entra connector's name of a metaverse attribute (engine.md 3.5)."""
    renamed = _RENAMED.get(name, name)
    return renamed.replace("msExchELC", "msExchElc").replace("msRTCSIP-", "msRtcSip")


def outward(names: str) -> tuple[Flow, ...]:
    """Return flows that copy metaverse attributes to the Entra connector's names of them."""
    return direct(" ".join(f"{entra_name(name)}<{name}" for name in names.split()))


_DN = expression("dn", '"CN={" & ConvertToUTF8Hex([sourceAnchor]) & "}"')
_ANCHOR_UNCHANGED = (
    'IIF([cloudSourceAnchor] = [sourceAnchor],[sourceAnchor],Error("SourceAnchor attribute has changed."))'
)
_TYPED_ANCHOR = expression(
    "sourceAnchor",
    f'IIF(IsPresent([cloudSourceAnchor]), IIF(Word([cloudAnchor],1,"_")=[sourceObjectType],{_ANCHOR_UNCHANGED},'
    "[sourceAnchor]),[sourceAnchor])",
)
_GROUP_ANCHOR = expression("sourceAnchor", f"IIF(IsPresent([cloudSourceAnchor]),{_ANCHOR_UNCHANGED},[sourceAnchor])")
_COUNTRY_CODE = expression("countryCode", "IIF(IsNullOrEmpty([countryCode]),IgnoreThisFlow,[countryCode])")
_USAGE_LOCATION = expression("usageLocation", "IIF(IsNullOrEmpty([usageLocation]),IgnoreThisFlow,[usageLocation])")

_BY_ANCHOR = "sourceAnchor=sourceAnchor"
_BY_ANCHOR_EXACTLY = "sourceAnchor==sourceAnchor"
_USERS = "sourceObjectType EQUAL User & cloudMastered NOTEQUAL True"
_CONTACTS = "sourceObjectType EQUAL Contact"
_GROUPS = "sourceAnchor ISNOTNULL & cloudMastered NOTEQUAL True"

_ADDRESS = (
    "c co company department facsimileTelephoneNumber givenName l mobile physicalDeliveryOfficeName postalCode sn st"
)
_PHONES = "homePhone info initials otherFacsimileTelephoneNumber otherHomePhone otherTelephone pager telephoneAssistant"
_TEAM_MAILBOX = "msExchTeamMailboxExpiration msExchTeamMailboxOwners msExchTeamMailboxSharePointUrl"
_MODERATION = (
    "authOrig dLMemRejectPerms dLMemSubmitPerms msDS-HABSeniorityIndex msDS-PhoneticDisplayName "
    "msExchHideFromAddressLists msExchLitigationHoldDate msExchLitigationHoldOwner msExchModeratedByLink "
    "msExchModerationFlags msExchRecipientDisplayType msExchRecipientTypeDetails msExchRequireAuthToSendTo "
    "msExchRetentionComment msExchRetentionURL msExchSenderHintTranslations publicDelegates unauthOrig legacyExchangeDN "
    f"{EXTENSION_ATTRIBUTES} {numbered('msExchExtensionCustomAttribute', 5)}"
)
_MAILBOX = (
    "msExchArchiveGUID msExchArchiveName msExchAuditAdmin msExchAuditDelegate msExchAuditDelegateAdmin msExchAuditOwner "
    "msExchBypassAudit msExchELCExpirySuspensionEnd msExchELCExpirySuspensionStart msExchELCMailboxFlags msExchImmutableId "
    "msExchDelegateListLink msExchEnableModeration msExchMailboxAuditEnable msExchMailboxAuditLogAgeLimit "
    "msExchMailboxGuid msExchRemoteRecipientType msExchResourceCapacity msExchResourceDisplay msExchResourceMetaData "
    "msExchResourceSearchProperties msExchUserHoldPolicies "
    f"{_TEAM_MAILBOX}"
)
_RECIPIENT = (
    "assistant msExchAssistantName msExchBlockedSendersHash msExchSafeRecipientsHash targetAddress "
    "msExchSafeSendersHash userCertificate userSMIMECertificate"
)
_CARD = f"{_ADDRESS} description displayName manager streetAddress telephoneNumber title"
_NAMES = "onPremisesUserPrincipalName userPrincipalName"
_SKYPE = (
    "msRTCSIP-ApplicationOptions msRTCSIP-DeploymentLocator msRTCSIP-Line msRTCSIP-OptionFlags msRTCSIP-OwnerUrn "
    "msRTCSIP-PrimaryUserAddress msRTCSIP-UserEnabled"
)
_SHAREPOINT = (
    f"{_CARD} {_PHONES} {EXTENSION_ATTRIBUTES} authOrig dLMemRejectPerms dLMemSubmitPerms ipPhone mail mailNickname "
    "middleName otherIpPhone otherMobile otherPager postOfficeBox preferredLanguage proxyAddresses targetAddress "
    "thumbnailPhoto unauthOrig url wWWHomePage"
)


def _workload(workload: str, names: str, *more: tuple[Flow, ...]) -> SyncRule:
    return rule(f"Out to AAD - User {workload}", "person>user", outward(names), *more, scope=_USERS)


def _contact_workload(workload: str, names: str) -> SyncRule:
    return rule(f"Out to AAD - Contact {workload}", "person>contact", outward(names), scope=_CONTACTS)


def _group_workload(workload: str, names: str) -> SyncRule:
    return rule(f"Out to AAD - Group {workload}", "group>group", outward(names), scope=_GROUPS, joins=_BY_ANCHOR)


_CLOUD = direct("cloudAnchor") + expression("cloudSourceAnchor", 'ImportedValue("sourceAnchor")')
_KEY_HEAD = "CNum(Mid([searchableDeviceKey],5,2))"
_KEY_TAIL = f"Mid([searchableDeviceKey],8+{_KEY_HEAD},Len([searchableDeviceKey]))"
_DEVICE_KEY = expression(
    "deviceKey",
    "IIF(IsNull([searchableDeviceKey]), NULL, IIF(CNum(Mid([searchableDeviceKey],1,1))=0, "
    f"Mid([searchableDeviceKey],1,7+{_KEY_HEAD}) & CBin(Len(Thumbprint({_KEY_TAIL})),2) & CBin(2,1) & "
    f"Thumbprint({_KEY_TAIL}) & {_KEY_TAIL}, NULL))",
)
FROM_ENTRA: tuple[SyncRule, ...] = (
    rule(
        "In from AAD - User Join",
        "user>person",
        direct("accountEnabled countryCode usageLocation"),
        _CLOUD,
        scope="cloudMastered EQUAL False",
        joins=_BY_ANCHOR_EXACTLY,
    ),
    rule("In from AAD - Contact Join", "contact>person", _CLOUD, joins=_BY_ANCHOR_EXACTLY),
    rule(
        "In from AAD - Group Join",
        "group>group",
        _CLOUD,
        scope="cloudMastered NOTEQUAL True",
        joins=_BY_ANCHOR_EXACTLY,
    ),
    rule("In from AAD - User NGCKey", "user>person", _DEVICE_KEY),
)

USERS: tuple[SyncRule, ...] = (
    replace(
        rule(
            "Out to AAD - User Join",
            "person>user",
            outward("accountEnabled cn accountName objectSid pwdLastSet domainFQDN domainNetBios"),
            _DN,
            _USAGE_LOCATION,
            _TYPED_ANCHOR,
            link="Provision",
            scope=f"{_USERS} & cloudFiltered NOTEQUAL True & sourceAnchor ISNOTNULL & accountEnabled ISNOTNULL",
            joins=_BY_ANCHOR,
        ),
        password_sync=True,
    ),
    _workload("Identity", f"accountEnabled mailNickname displayName givenName mail {_NAMES} proxyAddresses sn"),
    _workload(
        "ExchangeOnline",
        f"accountEnabled {_CARD} {_PHONES} {_MODERATION} {_MAILBOX} {_RECIPIENT} mailNickname {_NAMES} proxyAddresses "
        "thumbnailPhoto wWWHomePage",
        _COUNTRY_CODE,
    ),
    _workload(
        "DynamicsCRM",
        "accountEnabled l co company description displayName facsimileTelephoneNumber givenName manager mobile "
        f"physicalDeliveryOfficeName postalCode preferredLanguage st streetAddress sn telephoneNumber title {_NAMES}",
        _COUNTRY_CODE,
    ),
    _workload("Intune", f"accountEnabled mailNickname description displayName mail {_NAMES} proxyAddresses"),
    _workload(
        "LyncOnline",
        f"accountEnabled {_CARD} {_SKYPE} homePhone ipPhone mail mailNickname msExchHideFromAddressLists otherTelephone "
        f"preferredLanguage proxyAddresses thumbnailPhoto wWWHomePage {_NAMES}",
    ),
    _workload(
        "SharePointOnline",
        f"accountEnabled {_SHAREPOINT} {_TEAM_MAILBOX} msExchTeamMailboxSharePointLinkedBy {_NAMES}",
        _COUNTRY_CODE,
    ),
    _workload("AzureRMS", f"displayName mail proxyAddresses {_NAMES}"),
)
OFFICE: tuple[SyncRule, ...] = (_workload("OfficeProPlus", f"displayName {_NAMES}"),)

CONTACTS: tuple[SyncRule, ...] = (
    rule(
        "Out to AAD - Contact Join",
        "person>contact",
        _DN,
        _TYPED_ANCHOR,
        link="Provision",
        scope=f"{_CONTACTS} & cloudFiltered NOTEQUAL True & mailEnabled EQUAL True",
        joins=_BY_ANCHOR,
    ),
    _contact_workload("Identity", "mailNickname displayName givenName proxyAddresses sn"),
    _contact_workload(
        "ExchangeOnline",
        f"{_CARD} {_PHONES} {_MODERATION} {_RECIPIENT} countryCode mailNickname proxyAddresses thumbnailPhoto "
        "wWWHomePage",
    ),
    _contact_workload(
        "DynamicsCRM",
        "c co company countryCode description displayName facsimileTelephoneNumber givenName mobile "
        "physicalDeliveryOfficeName postalCode sn st streetAddress telephoneNumber title",
    ),
    _contact_workload("Intune", "mailNickname c description displayName proxyAddresses"),
    _contact_workload(
        "LyncOnline",
        f"{_CARD} homePhone mailNickname msExchHideFromAddressLists otherTelephone proxyAddresses thumbnailPhoto "
        "wWWHomePage",
    ),
    _contact_workload("SharePointOnline", f"countryCode {_SHAREPOINT}"),
    _contact_workload("AzureRMS", "mail proxyAddresses"),
)

_NEW_OR_KNOWN = " | ".join(
    f"cloudFiltered NOTEQUAL True & {_GROUPS} & {kind} EQUAL True & {size}"
    for kind in ("securityEnabled", "mailEnabled")
    for size in ("cloudAnchor ISNOTNULL", "memberCount LESSTHAN 50000")
)
"""A new group over the limit never enters; one that Entra has stays in scope and meets the Error in `member`."""
GROUPS: tuple[SyncRule, ...] = (
    rule(
        "Out to AAD - Group Join",
        "group>group",
        outward("cn objectSid securityEnabled"),
        _DN,
        _GROUP_ANCHOR,
        expression("member", 'IIF(([memberCount]> 50000),Error("Maximum Group member count exceeded"),IgnoreThisFlow)'),
        link="Provision",
        scope=_NEW_OR_KNOWN,
        joins=_BY_ANCHOR,
    ),
    _group_workload("Identity", "mailNickname displayName mail managedBy member proxyAddresses"),
    _group_workload(
        "ExchangeOnline",
        f"{_MODERATION} description displayName info mailNickname managedBy member msExchCoManagedByLink "
        "msExchEnableModeration msOrg-IsOrganizational oOFReplyToOriginator proxyAddresses "
        "reportToOriginator reportToOwner",
    ),
    _group_workload("DynamicsCRM", "description displayName managedBy member"),
    _group_workload("Intune", "mailNickname description displayName mail member proxyAddresses"),
    _group_workload(
        "LyncOnline",
        "mailNickname description displayName mail managedBy member msExchHideFromAddressLists proxyAddresses",
    ),
    _group_workload(
        "SharePointOnline",
        f"{EXTENSION_ATTRIBUTES} authOrig description displayName dLMemRejectPerms dLMemSubmitPerms hideDLMembership info mail "
        "mailNickname managedBy member oOFReplyToOriginator proxyAddresses reportToOriginator reportToOwner "
        "unauthOrig",
    ),
    rule(
        "Out to AAD - Group AzureRMS",
        "group>group",
        outward("displayName mail member proxyAddresses"),
        scope="cloudMastered NOTEQUAL True",
    ),
)

_HYBRID = "cloudLegacyExchangeDN cloudPublicDelegates"
_MAILBOX_BACK = " ".join(
    f"cloudMSExch{name}"
    for name in [
        "ArchiveStatus",
        "BlockedSendersHash",
        "DelegateListLink",
        "RecipientDisplayType",
        "SafeRecipientsHash",
        "SafeSendersHash",
        "TeamMailboxExpiration",
        "TeamMailboxOwners",
        "TeamMailboxSharePointUrl",
        "UCVoiceMailSettings",
        "UserHoldPolicies",
    ]
)
FROM_EXCHANGE_ONLINE: tuple[SyncRule, ...] = (
    rule("In from AAD - Contact Exchange Hybrid", "contact>person", direct(_HYBRID)),
    rule("In from AAD - Group Exchange Hybrid", "group>group", direct(_HYBRID)),
    rule(
        "In from AAD - User Exchange Hybrid",
        "user>person",
        direct(f"{_HYBRID} {_MAILBOX_BACK}"),
        expression(
            "cloudSOAExchMailbox",
            "CBool(IIF(IsNullOrEmpty([cloudMSExchRecipientDisplayType]),NULL,"
            "BitAnd([cloudMSExchRecipientDisplayType],&HFF) = 0))",
        ),
    ),
)

DEVICES: tuple[SyncRule, ...] = (
    rule(
        "Out to AAD - Device Join SOAInAD",
        "device>device",
        outward("accountEnabled deviceId deviceOSType deviceOSVersion deviceTrustType displayName objectSid"),
        outward("registeredOwnerReference"),
        merged(outward("userCertificate")),
        _DN,
        link="Provision",
        scope="cloudCreated EQUAL false & userCertificate ISNOTNULL & cloudFiltered NOTEQUAL true",
        joins="deviceId=deviceId",
    ),
)
