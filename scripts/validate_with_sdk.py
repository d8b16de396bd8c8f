"""Check a document against Microsoft's own Graph model: nothing unknown to it, nothing lost on the way through it.

    python scripts/validate_with_sdk.py FILE...      prints OK, or a line for each problem, and exits 1

Needs msgraph-sdk (500 MB) in an environment of its own; nothing else of ours needs to be there. kiota is lenient: a wrong type
or an unknown enum value becomes None without an error, so parsing proves nothing and only the round trip tells
(cmdlets-and-graph.md 2.3; made with msgraph-sdk 1.65 and kiota 1.16).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kiota_serialization_json.json_parse_node_factory import (  # type: ignore[import-not-found,unused-ignore]
    JsonParseNodeFactory,
)
from kiota_serialization_json.json_serialization_writer import (  # type: ignore[import-not-found,unused-ignore]
    JsonSerializationWriter,
)
from msgraph.generated.models.provisioning_object_summary import (  # type: ignore[import-not-found,unused-ignore]
    ProvisioningObjectSummary,
)

OPEN = frozenset({"details"})
"""An open type: any key is right there."""
READ_AS_NONE = frozenset({("provisioningStepType", "import")})
"""The SDK's enum member is `Import_`, kiota looks for `Import`: this right value is always lost."""


def unknown(value: object, path: str = "$") -> Iterator[str]:
    """Yield the keys that Microsoft's model does not declare."""
    for key in getattr(value, "additional_data", None) or {}:
        if key not in ("@odata.type", "@odata.context"):
            yield f"{path}.{key}: not in the Graph model"
    for name in getattr(type(value), "__dataclass_fields__", {}):
        if name in ("additional_data", "backing_store") or name in OPEN:
            continue
        child = getattr(value, name, None)
        for index, item in enumerate(child if isinstance(child, list) else [child]):
            if hasattr(item, "get_field_deserializers"):
                yield from unknown(item, f"{path}.{name}[{index}]")


def lost(before: object, after: object, path: str = "$") -> Iterator[str]:
    """Yield the values that did not survive parsing and writing."""
    if isinstance(before, dict):
        yield from _lost_keys(before, after, path)
    elif isinstance(before, list):
        if not isinstance(after, list) or len(before) != len(after):
            yield f"{path}: the list differs"
            return
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from lost(one, other, f"{path}[{index}]")
    elif before != after and not _same_moment(before, after):
        yield f"{path}: {before!r} became {after!r}"


def _lost_keys(before: dict[str, object], after: object, path: str) -> Iterator[str]:
    if not isinstance(after, dict):
        yield f"{path}: the object is lost"
        return
    for name, value in before.items():
        quirk = isinstance(value, str) and (name, value) in READ_AS_NONE
        if value is None or name.startswith("@odata") or quirk:
            continue
        if name not in after:
            yield f"{path}.{name}: lost ({value!r})"
        else:
            yield from lost(value, after[name], f"{path}.{name}")


def _same_moment(one: object, other: object) -> bool:
    """Say whether both texts name the same moment, to the millisecond; the SDK writes dates anew."""
    moments = [_moment(text) for text in (one, other)]
    first, second = moments
    return first is not None and second is not None and abs((first - second).total_seconds()) <= 0.001


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def problems(document: bytes) -> list[str]:
    """Return what Microsoft's model does not know of *document*, and what it loses of it."""
    node = JsonParseNodeFactory().get_root_parse_node("application/json", document)
    model = node.get_object_value(ProvisioningObjectSummary)
    writer = JsonSerializationWriter()
    writer.write_object_value(None, model)
    return [*unknown(model), *lost(json.loads(document), json.loads(writer.get_serialized_content()))]


def main(files: list[str]) -> int:
    """Check *files* and print what is wrong with each; return 1 when anything is."""
    found = [f"{file}: {problem}" for file in files for problem in problems(Path(file).read_bytes())]
    print("\n".join(found) or "OK")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
