"""The lab's `Get-ADSyncServerConfiguration` folder, written from the documented facts."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios.connector_file import entra_file, forest_file
from adsyncdiag.connectors.lab.scenarios.default_rules import default_rules
from adsyncdiag.connectors.lab.scenarios.domains import FORESTS
from adsyncdiag.connectors.lab.scenarios.identifiers import lower
from adsyncdiag.connectors.lab.scenarios.metaverse_file import metaverse_file
from adsyncdiag.connectors.lab.scenarios.rule_file import rule_file
from adsyncdiag.model.configuration import ENTRA_CONNECTOR_ID


def server_export() -> dict[str, str]:
    """Return the texts of the export's files by their path below its folder."""
    rules = default_rules([forest.connector_id for forest in FORESTS])
    files = {f"SynchronizationRules/SynchronizationRule_{lower(entry.id)}.xml": rule_file(entry) for entry in rules}
    for forest in FORESTS:
        files[f"Connectors/Connector_{lower(forest.connector_id)}.xml"] = forest_file(forest, rules)
    files[f"Connectors/Connector_{lower(ENTRA_CONNECTOR_ID)}.xml"] = entra_file(rules)
    files["GlobalSettings/MV.xml"] = metaverse_file()
    return files
