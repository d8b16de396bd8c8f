"""Default rules *In from AD* for groups, contacts, foreign principals, computers and devices (engine.md 3.3)."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios.rule_notation import constant, direct, expression, once, rule, trimmed, without
from adsyncdiag.connectors.lab.scenarios.rules_users import (
    ACCOUNT_ENABLED,
    DISPLAY_NAME,
    EXTENSION_ATTRIBUTES,
    FIRST_VALUES,
    PROXY_ADDRESSES,
    SHORT_INFO,
    SID_STRING,
    TRIMMED,
    first_value,
)
from adsyncdiag.model.rules import SyncRule

_CONFLICT = 'CBool(InStr(DNComponent(CRef([dn]),1),"\\\\0ACNF:")>0)'
_MAIL_ENABLED = expression(
    "mailEnabled",
    'IIF(( (IsPresent([proxyAddresses]) = True) && (Contains([proxyAddresses], "SMTP:") > 0) && '
    '(InStr(Item([proxyAddresses], Contains([proxyAddresses], "SMTP:")), "@") > 0)) ||  '
    '(IsPresent([mail]) = True && (InStr([mail], "@") > 0)), True, False)',
)
_ANCHOR = expression("sourceAnchor", "ConvertToBase64([objectGUID])")

_GROUP_SCOPE = "isCriticalSystemObject NOTEQUAL True & adminDescription NOTSTARTSWITH Group_"
_GROUP_FILTERED = expression(
    "cloudFiltered",
    'IIF(IsPresent([isCriticalSystemObject]) || [sAMAccountName] = "MSOL_AD_Sync_RichCoexistence" || '
    "CBool(IIF(IsPresent([msExchRecipientTypeDetails]),BitAnd([msExchRecipientTypeDetails],&H40000000) > 0,NULL))  || "
    f"{_CONFLICT}, True, NULL)",
)
_MODERATION = (
    "authOrig dLMemRejectPerms dLMemSubmitPerms msDS-PhoneticDisplayName msExchBypassModerationFromDLMembersLink "
    "msExchBypassModerationLink msExchHideFromAddressLists msExchModeratedByLink msExchModerationFlags "
    "msExchRecipientDisplayType msExchRecipientTypeDetails msExchRequireAuthToSendTo msExchRetentionComment "
    "msExchRetentionURL msExchSenderHintTranslations publicDelegates unauthOrig"
)
_GROUP_EXCHANGE = trimmed(EXTENSION_ATTRIBUTES) + direct(
    f"{_MODERATION} hideDLMembership legacyExchangeDN mailNickname msExchCoManagedByLink msExchEnableModeration "
    "msExchGroupDepartRestriction msExchGroupJoinRestriction oOFReplyToOriginator reportToOriginator reportToOwner"
)
_GROUP_COMMON = (
    direct("cn managedBy member objectSid sourceAnchorBinary<objectGUID")
    + trimmed("mail")
    + first_value("description")
    + SHORT_INFO
    + DISPLAY_NAME
    + PROXY_ADDRESSES
    + SID_STRING
    + expression("memberCount", 'ValueCount("member")')
    + expression("securityEnabled", "CBool(BitAnd([groupType],-2147483648))")
    + _ANCHOR
)
GROUPS: tuple[SyncRule, ...] = (
    rule(
        "In from AD - Group Join",
        "group>group",
        _GROUP_FILTERED,
        _MAIL_ENABLED,
        link="Provision",
        scope=_GROUP_SCOPE,
        joins="objectGUID=sourceAnchorBinary",
    ),
    rule("In from AD - Group Exchange", "group>group", _GROUP_EXCHANGE, scope=_GROUP_SCOPE),
    rule("In from AD - Group Common", "group>group", _GROUP_COMMON, scope=_GROUP_SCOPE),
)

_CONTACT_FILTERED = expression(
    "cloudFiltered",
    'IIF(IsPresent([isCriticalSystemObject]) || ( (InStr([displayName], "(MSOL)") > 0) && '
    '(CBool([msExchHideFromAddressLists]))) || (Left([mailNickname], 4) = "CAS_" && (InStr([mailNickname], "}") > 0)) || '
    f"{_CONFLICT}, True, NULL)",
)
_CONTACT_COMMON = (
    direct(
        f"{_MODERATION} assistant cn countryCode manager msDS-HABSeniorityIndex msExchAssistantName "
        "msExchBlockedSendersHash msExchSafeRecipientsHash msExchSafeSendersHash sourceAnchorBinary<objectGUID "
        "targetAddress thumbnailPhoto userCertificate userSMIMECertificate"
    )
    + constant("sourceObjectType", "Contact")
    + without(trimmed(f"{TRIMMED} telephoneAssistant"), "preferredLanguage")
    + DISPLAY_NAME
    + SHORT_INFO
    + FIRST_VALUES
    + PROXY_ADDRESSES
    + expression("legacyExchangeDN", "IIF(IsPresent([legacyExchangeDN]), [legacyExchangeDN], NULL)")
    + expression("mailNickname", "IIF(IsPresent([mailNickname]), [mailNickname], [cn])")
    + _ANCHOR
)
_CONTACT_LYNC = direct(
    "msRTCSIP-DeploymentLocator msRTCSIP-Line msRTCSIP-OptionFlags msRTCSIP-PrimaryUserAddress msRTCSIP-UserEnabled"
)
CONTACTS: tuple[SyncRule, ...] = (
    rule(
        "In from AD - Contact Join",
        "contact>person",
        _CONTACT_FILTERED,
        _MAIL_ENABLED,
        link="Provision",
        joins="mail=mail",
    ),
    rule("In from AD - Contact Common", "contact>person", _CONTACT_COMMON),
    rule("In from AD - Contact Lync", "contact>person", _CONTACT_LYNC),
    rule("In from AD - ForeignSecurityPrincipal Join User", "foreignSecurityPrincipal>*", joins="cn=objectSidString"),
)

_COMPUTER = (
    direct(
        "deviceId<objectGUID deviceOSType<operatingSystem deviceOSVersion<operatingSystemVersion objectSid userCertificate"
    )
    + once(direct("registeredOwnerReference<mS-DS-CreatorSID"))
    + once(constant("cloudCreated", "False"))
    + constant("deviceTrustType", "ServerAd")
    + constant("sourceObjectType", "Computer")
    + ACCOUNT_ENABLED
    + DISPLAY_NAME
    + expression("cloudFiltered", "IIF(IsNullOrEmpty([userCertificate]),True,NULL)")
    + _ANCHOR
)
COMPUTERS: tuple[SyncRule, ...] = (
    rule("In from AD - Computer Join", "computer>device", _COMPUTER, link="Provision", joins="objectGUID=deviceId"),
)
DEVICES: tuple[SyncRule, ...] = (
    rule(
        "In from AD - Device Common",
        "msDS-Device>device",
        constant("isProvisionedInAD", "True"),
        scope="objectGUID ISNOTNULL & msDS-CloudAnchor ISNOTNULL",
        joins="msDS-DeviceID=deviceId",
    ),
)
