"""`GlobalSettings/MV.xml`: the metaverse's schema and the 37 global settings (server-export.md 5)."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios.connector_file import CHANGED, VERSION
from adsyncdiag.connectors.lab.scenarios.schema_file import prefixed_schema
from adsyncdiag.connectors.lab.scenarios.schema_metaverse import METAVERSE, metaverse_classes
from adsyncdiag.connectors.lab.scenarios.xml_text import around, element, parameter

SERVER = "CONTOSO-SYNC01"
_SETTINGS = {
    "Synchronize.ServerConfigurationVersion": VERSION,
    "Synchronize.SynchronizationPolicy": "Delta",
    "Synchronize.TimeInterval": "00:30:00",
    "Synchronize.NextStartTime": "Mon, 02 Mar 2026 12:30:00 GMT",
    "Synchronize.SynchronizationSchedule": "True",
    "Synchronize.SchedulerSuspended": "False",
    "Synchronize.MaintenanceEnabled": "True",
    "Synchronize.StagingMode": "False",
    "Synchronize.RunHistoryPurgeInterval": "7.00:00:00",
    "SynchronizationOption.JoinCriteria": "ObjectSID",
    "SynchronizationOption.AnchorAttribute": "objectGUID",
    "SynchronizationOption.UPNAttribute": "userPrincipalName",
    "SynchronizationOption.CustomAttribute": "",
    "OptionalFeature.HybridExchange": "True",
    "OptionalFeature.DeviceWriteUp": "True",
    "OptionalFeature.ExportDeletionThreshold": "True",
    "OptionalFeature.ExportDeletionThresholdValue": "500",
    "OptionalFeature.PasswordHashSync": "False",
    "OptionalFeature.PasswordWriteback": "False",
    "OptionalFeature.GroupFiltering": "True",
    "OptionalFeature.GroupWriteBack": "False",
    "OptionalFeature.DeviceWriteBack": "False",
    "OptionalFeature.UserWriteBack": "False",
    "OptionalFeature.DirectoryExtension": "False",
    "OptionalFeature.DirectoryExtensionAttributes": "",
    "OptionalFeature.FilterAAD": "False",
    "OptionalFeature.AutoUpgradeState": "Suspended",
    "AADFilter.ApplicationList": "",
    "AADFilter.AttributeExclusionList": "",
    "GroupWriteBack.Forest": "",
    "GroupWriteBack.Container": "",
    "UserWriteBack.Forest": "",
    "UserWriteBack.Container": "",
    "DeviceWriteBack.Forest": "",
    "DeviceWriteBack.Container": "",
    "DirectoryExtension.SourceTargetAttributesMap": "",
    "Version.SynchronizationRuleImmutableTag": "V1",
}


def metaverse_file() -> str:
    """Return the text of MV.xml."""
    values = (
        f"\n{parameter(f'Microsoft.{name}', value, 'SynchronizationGlobal')}" for name, value in _SETTINGS.items()
    )
    children = (
        element("format-version", "1"),
        element("version", "12"),
        prefixed_schema(METAVERSE, metaverse_classes()),
        element("password-change-history-size", "24"),
        element("password-sync"),
        around("parameter-values", values),
    )
    head = f"<saved-mv-configuration server='{SERVER}' export-date='{CHANGED}'>"
    return "\n".join((head, around("mv-data", ("\n".join(children),)), "</saved-mv-configuration>", ""))
