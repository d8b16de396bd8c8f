"""The Active Directory schema of the lab's forests: what the rules use, and a class hierarchy around it ([MS-ADSC], [MS-ADA1-3])."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from adsyncdiag.connectors.lab.scenarios.rule_notation import numbered
from adsyncdiag.connectors.lab.scenarios.schema_notation import (
    BOOLEAN,
    DIRECTORY_STRING,
    DISTINGUISHED_NAME,
    GENERALIZED_TIME,
    INTEGER,
    LARGE_INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    OR_NAME,
    SECURITY_DESCRIPTOR,
    TELETEX_STRING,
    AttributeEntry,
    ClassEntry,
    connector_space_attributes,
    connector_space_type,
    entries,
)
from adsyncdiag.model.rules import SyncRule

SINGLE, MULTI = False, True

_TABLE: tuple[tuple[str, bool, str], ...] = (
    (
        DIRECTORY_STRING,
        SINGLE,
        "adminDescription:1024 c:3 cn:64 co:128 comment company:64 dc:255 department:64 displayName:256 "
        f"{numbered('extensionAttribute', 15)} facsimileTelephoneNumber:64 givenName:64 homePhone:64 info:1024 initials:6 "
        "ipPhone:64 l:128 mail:256 mailNickname:64 middleName:64 mobile:64 msDS-PhoneticDisplayName:256 "
        "msExchAssistantName:256 msExchImmutableId:256 msExchResourceDisplay:1024 msExchRetentionComment:2048 "
        "msExchRetentionURL:2048 msRTCSIP-DeploymentLocator:256 msRTCSIP-Line:500 msRTCSIP-OwnerUrn:256 "
        "msRTCSIP-PrimaryUserAddress:454 name!:255 operatingSystem operatingSystemVersion pager:64 "
        "physicalDeliveryOfficeName:128 postalCode:40 preferredLanguage sAMAccountName:256 sn:64 st:128 "
        "streetAddress:1024 targetAddress:1123 telephoneAssistant:64 telephoneNumber:64 title:128 "
        "userPrincipalName:1024 wWWHomePage:2048 printerName:256 serverName:1024 uNCName:260",
    ),
    (
        DIRECTORY_STRING,
        MULTI,
        "description:1024 msExchArchiveName:512 msExchResourceMetaData:1024 msExchResourceSearchProperties:1024 "
        "msExchSenderHintTranslations:500 msExchUCVoiceMailSettings msExchUserHoldPolicies otherFacsimileTelephoneNumber:64 "
        "otherHomePhone:64 otherIpPhone otherMobile:64 otherPager:64 otherTelephone:64 ou:64 postOfficeBox:40 "
        "proxyAddresses:1123 url",
    ),
    (TELETEX_STRING, SINGLE, "legacyExchangeDN"),
    (
        INTEGER,
        SINGLE,
        "countryCode groupType instanceType! msDS-HABSeniorityIndex msExchELCMailboxFlags msExchGroupDepartRestriction "
        "msExchGroupJoinRestriction msExchModerationFlags msExchRecipientDisplayType msExchResourceCapacity "
        "msRTCSIP-ApplicationOptions msRTCSIP-OptionFlags primaryGroupID sAMAccountType! userAccountControl",
    ),
    (LARGE_INTEGER, SINGLE, "accountExpires msExchRecipientTypeDetails pwdLastSet uSNChanged! uSNCreated!"),
    (
        BOOLEAN,
        SINGLE,
        "hideDLMembership isCriticalSystemObject msExchEnableModeration msExchHideFromAddressLists "
        "msExchRequireAuthToSendTo msRTCSIP-UserEnabled oOFReplyToOriginator reportToOriginator "
        "reportToOwner",
    ),
    (
        OCTET_STRING,
        SINGLE,
        "mS-DS-ConsistencyGuid msDS-CloudAnchor msDS-DeviceID msExchArchiveGUID msExchBlockedSendersHash "
        "msExchMailboxGuid msExchMasterAccountSid msExchSafeRecipientsHash msExchSafeSendersHash msRTCSIP-OriginatorSid "
        "objectGUID! objectSid! thumbnailPhoto:102400",
    ),
    (OCTET_STRING, MULTI, "photo userCertificate userSMIMECertificate"),
    (DISTINGUISHED_NAME, SINGLE, "assistant distinguishedName! managedBy manager mS-DS-CreatorSID! objectCategory"),
    (
        DISTINGUISHED_NAME,
        MULTI,
        "member memberOf! msExchBypassModerationFromDLMembersBL! "
        "msExchBypassModerationFromDLMembersLink msExchBypassModerationLink msExchCoManagedByLink "
        "msExchDelegateListLink msExchModeratedByLink publicDelegates",
    ),
    (OR_NAME, MULTI, "authOrig dLMemRejectPerms dLMemSubmitPerms unauthOrig"),
    (GENERALIZED_TIME, SINGLE, "msExchELCExpirySuspensionEnd msExchELCExpirySuspensionStart whenChanged! whenCreated!"),
    (OBJECT_IDENTIFIER, MULTI, "objectClass"),
    (SECURITY_DESCRIPTOR, SINGLE, "nTSecurityDescriptor"),
)
"""The connector shows `mS-DS-CreatorSID` as a reference, although AD keeps a SID there (server-export.md 4.2)."""

AD_ATTRIBUTES: tuple[AttributeEntry, ...] = tuple(
    entry for syntax, multi, names in _TABLE for entry in entries(syntax, multi, names)
)

_CHAIN: tuple[tuple[str, str, str, str], ...] = (
    (
        "top",
        "",
        "abstract",
        "adminDescription cn description displayName distinguishedName instanceType isCriticalSystemObject memberOf "
        "mS-DS-ConsistencyGuid name nTSecurityDescriptor objectCategory objectClass objectGUID proxyAddresses url "
        "uSNChanged uSNCreated whenChanged whenCreated wWWHomePage",
    ),
    ("leaf", "top", "abstract", ""),
    ("connectionPoint", "leaf", "abstract", "managedBy"),
    ("domain", "top", "abstract", "dc"),
    ("person", "top", "structural", "cn sn telephoneNumber"),
    (
        "organizationalPerson",
        "person",
        "structural",
        "assistant c co comment company countryCode department facsimileTelephoneNumber givenName homePhone initials ipPhone "
        "l mail manager middleName mobile otherFacsimileTelephoneNumber otherHomePhone otherIpPhone otherMobile otherPager "
        "otherTelephone ou pager physicalDeliveryOfficeName postalCode postOfficeBox st streetAddress thumbnailPhoto title",
    ),
    (
        "user",
        "organizationalPerson",
        "structural",
        "accountExpires mS-DS-CreatorSID photo preferredLanguage primaryGroupID pwdLastSet userAccountControl "
        "userCertificate userPrincipalName userSMIMECertificate",
    ),
    ("inetOrgPerson", "user", "structural", ""),
    ("computer", "user", "structural", "managedBy operatingSystem operatingSystemVersion"),
    ("contact", "organizationalPerson", "structural", "cn"),
    ("group", "top", "structural", "groupType mail managedBy member"),
    ("foreignSecurityPrincipal", "top", "structural", "objectSid"),
    ("msDS-Device", "top", "structural", "displayName msDS-CloudAnchor msDS-DeviceID"),
    ("container", "top", "structural", "cn"),
    ("organizationalUnit", "top", "structural", "c co l managedBy ou postalCode st"),
    ("domainDNS", "domain", "structural", "managedBy"),
    ("printQueue", "connectionPoint", "structural", "printerName serverName uNCName"),
    ("msExchDynamicDistributionList", "top", "structural", "mail mailNickname legacyExchangeDN"),
)
IMPORTED_TYPES = [
    "computer",
    "contact",
    "foreignSecurityPrincipal",
    "group",
    "inetOrgPerson",
    "msDS-Device",
    "user",
    "container",
    "domainDNS",
    "organizationalUnit",
]
"""The object classes every domain imports; containers are structure, no rule takes them."""


def inclusion_list(rules: Sequence[SyncRule], connector: UUID) -> tuple[str, ...]:
    """Return the attributes that *connector* imports: all that *rules* read, join on or write there."""
    found = {name for entry in rules if entry.connector == connector for name in connector_space_attributes(entry)}
    return tuple(sorted(found, key=str.casefold))


def ad_classes(rules: Sequence[SyncRule], connector: UUID) -> tuple[ClassEntry, ...]:
    """Return the classes; the DIT content rule of each adds what the rules use beyond its chain.

    In AD these come from static auxiliary classes such as mailRecipient and securityPrincipal (server-export.md 4.2).
    """
    own = {name: frozenset(words.split()) for name, _, _, words in _CHAIN}
    above = {name: superior for name, superior, _, _ in _CHAIN}
    classes = []
    for name, superior, kind, _ in _CHAIN:
        inherited: set[str] = set()
        step = name
        while step:
            inherited |= own[step]
            step = above[step]
        used = (entry for entry in rules if entry.connector == connector and connector_space_type(entry) == name)
        more = {attribute for entry in used for attribute in connector_space_attributes(entry)} - inherited
        if name in ("user", "inetOrgPerson", "computer", "group"):
            more |= {"sAMAccountName", "sAMAccountType"} - inherited
        classes.append(ClassEntry(name, superior, kind, tuple(sorted(own[name])), tuple(sorted(more))))
    return tuple(classes)
