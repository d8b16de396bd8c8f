"""The stable codes of an object's verdict: ours, where the cmdlet leaves its error code empty.

Codes of the product and of Entra (`Filtered Object`, `sync-rule-error-function-triggered`, `InvalidSoftMatch`,
`attributevaluemustbeunique`, ...) pass through verbatim and are not repeated here, except those the program itself gives.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """One code for each way an object fails before, between and after the engine's own errors."""

    SOURCE_PARTITION_NOT_FOUND = "source-partition-not-found"
    SOURCE_PARTITION_NOT_SELECTED = "source-partition-not-selected"
    RUN_PROFILE_STEP_MISSING = "run-profile-step-missing"
    TARGET_CONNECTOR_NOT_FOUND = "target-connector-not-found"
    TARGET_PARTITION_NOT_SELECTED = "target-partition-not-selected"
    CONTAINER_EXCLUDED = "container-excluded"
    OBJECT_NOT_READABLE = "object-not-readable"
    OBJECT_TYPE_NOT_INCLUDED = "object-type-not-included"
    GROUP_FILTER_NOT_MEMBER = "group-filter-not-member"
    NO_METAVERSE_OBJECT = "no-metaverse-object"
    NO_TARGET_OBJECT = "no-target-object"
    WOULD_DELETE = "would-delete"
    TENANT_MASTERED_ELSEWHERE = "tenant-mastered-elsewhere"
    GRAPH_CANNOT_CREATE = "graph-cannot-create"
    GRAPH_READ_ONLY = "graph-read-only"
    THROTTLED = "throttled"
