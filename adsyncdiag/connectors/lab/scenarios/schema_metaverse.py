"""The metaverse schema: classes person, group and device (engine.md 3.6, server-export.md 5).

`*` marks an indexed attribute; the letters name its classes (p person, g group, d device), no letters all three.
"""

from __future__ import annotations

import re

from adsyncdiag.connectors.lab.scenarios.rule_notation import numbered
from adsyncdiag.connectors.lab.scenarios.schema_notation import (
    BINARY,
    BOOLEAN,
    DIRECTORY_STRING,
    DISTINGUISHED_NAME,
    INTEGER,
    AttributeEntry,
    ClassEntry,
    entries,
)

_CLASSES = {"p": "person", "g": "group", "d": "device"}
_WORD = re.compile(r"([^\s(]+)(?:\((\w+)\))?")

_EXTENSIONS = " ".join(f"{name}*(pg)" for name in numbered("extensionAttribute", 15).split())
_CUSTOM = " ".join(f"{name}(pg)" for name in numbered("msExchExtensionCustomAttribute", 5).split())

_TABLE: tuple[tuple[str, bool, str], ...] = (
    (
        BINARY,
        False,
        "cloudMSExchBlockedSendersHash(p) cloudMSExchSafeRecipientsHash(p) cloudMSExchSafeSendersHash(p) deviceId*(d) "
        "msExchArchiveGUID*(p) msExchBlockedSendersHash(p) msExchMailboxGuid*(p) msExchMasterAccountSid*(p) "
        "msExchSafeRecipientsHash(p) msExchSafeSendersHash(p) msRTCSIP-OriginatorSid*(p) objectSid* photo(p) "
        "sourceAnchorBinary*(pg) thumbnailPhoto(p)",
    ),
    (BINARY, True, "deviceKey(pd) sIDHistory(p) userCertificate(pd) userSMIMECertificate(p)"),
    (
        BOOLEAN,
        False,
        "accountEnabled(pd) cloudAccountEnabled(d) cloudCreated(d) cloudFiltered cloudIsManaged(d) cloudMastered(pg) "
        "cloudSOAExchMailbox(pg) hideDLMembership(g) isCompliant(d) isManaged(d) isProvisionedInAD(d) mailEnabled(pg) "
        "msExchBypassAudit(p) msExchEnableModeration(pg) msExchHideFromAddressLists(pg) msExchMailboxAuditEnable(p) "
        "msExchRequireAuthToSendTo(pg) msOrg-IsOrganizational(g) msRTCSIP-UserEnabled(p) oOFReplyToOriginator(g) "
        "proxyAddressesIsValid(pg) reportToOriginator(g) reportToOwner(g) securityEnabled(g)",
    ),
    (
        INTEGER,
        False,
        "approximateLastLogonTimestamp(d) cloudMSExchArchiveStatus(p) cloudMSExchRecipientDisplayType(p) countryCode(p) "
        "deviceObjectVersion(d) dirSyncOverrides(d) memberCount(g) msDS-HABSeniorityIndex(pg) msExchAuditAdmin(p) "
        "msExchAuditDelegate(p) msExchAuditDelegateAdmin(p) msExchAuditOwner(p) msExchELCMailboxFlags(p) "
        "msExchGroupDepartRestriction(g) msExchGroupJoinRestriction(g) msExchMailboxAuditLogAgeLimit(p) "
        "msExchModerationFlags(pg) msExchRecipientDisplayType(pg) msExchRecipientTypeDetails(pg) "
        "msExchRemoteRecipientType(p) msExchResourceCapacity(p) msRTCSIP-ApplicationOptions(p) msRTCSIP-OptionFlags(p)",
    ),
    (
        DISTINGUISHED_NAME,
        False,
        "assistant(p) managedBy(g) manager(pg) msExchTeamMailboxSharePointLinkedBy(p) registeredOwnerReference(d) "
        "secretary(p) seeAlso(pg)",
    ),
    (
        DISTINGUISHED_NAME,
        True,
        "altRecipient(pg) authOrig(pg) cloudMSExchDelegateListLink(p) cloudMSExchTeamMailboxOwners(p) "
        "cloudPublicDelegates(pg) dLMemRejectPerms(pg) dLMemSubmitPerms(pg) member(g) "
        "msExchBypassModerationFromDLMembersLink(pg) msExchBypassModerationLink(pg) msExchCoManagedByLink(g) "
        "msExchDelegateListLink(p) msExchModeratedByLink(pg) msExchTeamMailboxOwners(p) owner(g) publicDelegates(pg) "
        "registeredUsersReference(d) unauthOrig(pg)",
    ),
    (
        DIRECTORY_STRING,
        False,
        "accountName*(pg) c*(p) cloudAnchor* cloudDeviceOSType(d) cloudDeviceOSVersion(d) cloudDisplayName(d) "
        "cloudLegacyExchangeDN*(pg) cloudMSExchTeamMailboxExpiration*(p) cloudMSExchTeamMailboxSharePointUrl*(p) "
        "cloudSourceAnchor*(pg) cn*(pg) co*(p) comment*(p) company*(p) contributingConnectorExchange(p) "
        "contributingConnectorUser(p) department*(p) description*(pg) deviceOSType(d) deviceOSVersion(d) "
        "deviceTrustType(d) displayName* division*(p) domain*(pg) domainFQDN*(p) domainNetBios*(p) employeeID*(p) "
        f"employeeType*(p) {_EXTENSIONS} facsimileTelephoneNumber*(p) forestFQDN*(p) forestNetBios*(p) givenName*(p) "
        "homePhone*(p) info*(pg) initials*(p) ipPhone*(p) l*(p) legacyExchangeDN*(pg) mail*(pg) mailNickname*(pg) "
        "middleName*(p) mobile*(p) msDS-PhoneticDisplayName*(pg) msExchAssistantName*(p) "
        "msExchELCExpirySuspensionEnd*(p) msExchELCExpirySuspensionStart*(p) msExchImmutableId*(p) msExchLabeledURI(g) "
        "msExchLitigationHoldDate*(pg) msExchLitigationHoldOwner*(pg) msExchResourceDisplay(p) msExchRetentionComment(pg) "
        "msExchRetentionURL*(pg) msExchTeamMailboxExpiration*(p) msExchTeamMailboxSharePointUrl*(p) "
        "msRTCSIP-DeploymentLocator(p) msRTCSIP-Line(p) msRTCSIP-OwnerUrn*(p) msRTCSIP-PrimaryUserAddress*(p) o*(pg) "
        "objectID*(pg) objectSidString*(pg) objectType*(pg) onPremisesUserPrincipalName*(p) ou*(pg) pager*(p) "
        "personalTitle*(p) physicalDeliveryOfficeName*(p) postalAddress*(p) postalCode*(p) postOfficeBox*(p) "
        "preferredLanguage*(p) pwdLastSet*(p) sn*(p) sourceAnchor* sourceObjectType*(pd) st*(p) street*(p) "
        "streetAddress*(p) targetAddress*(pg) telephoneAssistant*(p) telephoneNumber*(p) title*(p) uid*(p) url*(p) "
        "usageLocation*(p) userPrincipalName*(p) wWWHomePage*(p)",
    ),
    (
        DIRECTORY_STRING,
        True,
        "alternativeSecurityId*(d) cloudMSExchUCVoiceMailSettings(p) cloudMSExchUserHoldPolicies(p) devicePhysicalIds(d) "
        f"msExchArchiveName(p) {_CUSTOM} msExchResourceMetaData(p) msExchResourceSearchProperties(p) "
        "msExchSenderHintTranslations(pg) msExchUserHoldPolicies(p) otherFacsimileTelephoneNumber*(p) otherHomePhone*(p) "
        "otherIpPhone*(p) otherMailbox*(p) otherMobile*(p) otherPager*(p) otherTelephone*(p) proxyAddresses*(pg)",
    ),
)

METAVERSE: tuple[AttributeEntry, ...] = tuple(
    entry
    for syntax, multi_valued, words in _TABLE
    for entry in entries(syntax, multi_valued, " ".join(name for name, _ in _WORD.findall(words)))
)
"""Every attribute of the metaverse."""


def metaverse_classes() -> tuple[ClassEntry, ...]:
    """Return person, group and device with their attributes."""
    members: dict[str, list[str]] = {name: [] for name in _CLASSES.values()}
    for _, _, words in _TABLE:
        for name, letters in _WORD.findall(words):
            for letter in letters or "pgd":
                members[_CLASSES[letter]].append(name.rstrip("*"))
    return tuple(
        ClassEntry(name, "", "structural", tuple(sorted(found, key=str.casefold))) for name, found in members.items()
    )
