"""The shapes a report document is written in (report.md "JSON: one record, three dialects")."""

from __future__ import annotations

from enum import Enum
from importlib import import_module

from adsyncdiag.model.trace import Json
from adsyncdiag.report.document import Document


class Dialect(Enum):
    """The values of `--json-format`."""

    GRAPH = "graph"
    """Graph v1.0 `provisioningObjectSummary`, for programs that read Entra provisioning logs."""
    CMDLET = "cmdlet"
    """What Invoke-ADSyncSingleObjectSync prints, for scripts that read it."""
    PROVISION_ON_DEMAND = "provision-on-demand"
    """The camelCase twin with step times, for users of Cloud Sync's on-demand provisioning."""


_MODULES = {Dialect.GRAPH: "graph", Dialect.CMDLET: "cmdlet", Dialect.PROVISION_ON_DEMAND: "on_demand"}


def shape(document: Document, dialect: Dialect) -> dict[str, Json]:
    """Return *document* in the shape of *dialect*; its keys are in the order they are printed."""
    module = import_module(f"adsyncdiag.report.{_MODULES[dialect]}")  # a run prints one dialect and pays for that one
    shaped: dict[str, Json] = module.shape(document)
    return shaped
