"""The shapes a report document is written in (report.md "JSON: one record, three dialects")."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from adsyncdiag.model.trace import Json
from adsyncdiag.report import cmdlet, graph, on_demand
from adsyncdiag.report.document import Document


class Dialect(Enum):
    """The values of `--json-format`."""

    GRAPH = "graph"
    """Graph v1.0 `provisioningObjectSummary`, for programs that read Entra provisioning logs."""
    CMDLET = "cmdlet"
    """What Invoke-ADSyncSingleObjectSync prints, for scripts that read it."""
    PROVISION_ON_DEMAND = "provision-on-demand"
    """The camelCase twin with step times, for users of Cloud Sync's on-demand provisioning."""


_SHAPES: dict[Dialect, Callable[[Document], dict[str, Json]]] = {
    Dialect.GRAPH: graph.shape,
    Dialect.CMDLET: cmdlet.shape,
    Dialect.PROVISION_ON_DEMAND: on_demand.shape,
}


def shape(document: Document, dialect: Dialect) -> dict[str, Json]:
    """Return *document* in the shape of *dialect*; its keys are in the order they are printed."""
    return _SHAPES[dialect](document)
