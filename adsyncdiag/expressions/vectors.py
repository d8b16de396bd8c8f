"""Test cases for expressions, one JSON object a line, as `test-expression --file` reads them.

A case has `expression`, and may have `attributes`, `imported`, `parameters`, `now`, and what is expected: `expect` (a value)
or `expect_error` (true, or a part of the message). Values that JSON has no type for are written `{"$bin": base64}`,
`{"$ref": dn}`, `{"$dt": "2013-01-11T00:00:00Z"}`, `{"$flow": "IgnoreThisFlow"}`; a list is a multi-valued attribute.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from adsyncdiag.errors import EvaluationError, ExpressionError, UsageError
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.values import ExpressionScalar, ExpressionValue, FlowSignal, Reference

Json: TypeAlias = "str | int | float | bool | list[Json] | Mapping[str, Json] | None"
_FORMS = "$bin, $ref, $dt or $flow"


def decode(value: Json) -> ExpressionValue:
    """Return the value that *value* encodes; raise `UsageError` for what encodes none. An empty list is NULL."""
    if isinstance(value, list):
        return tuple(map(_scalar, value)) or None
    if value is None:
        return None
    if isinstance(value, Mapping) and list(value) == ["$flow"]:
        return _flow(value["$flow"])
    return _scalar(value)


def encode(value: ExpressionValue) -> Json:
    """Return *value* as JSON can hold it; `decode` gives it back."""
    if isinstance(value, tuple):
        return [encode(entry) for entry in value]
    if isinstance(value, bytes):
        return {"$bin": base64.b64encode(value).decode()}
    if isinstance(value, Reference):
        return {"$ref": value.text}
    if isinstance(value, datetime):
        return {"$dt": value.isoformat().replace("+00:00", "Z")}
    if isinstance(value, FlowSignal):
        return {"$flow": value.value}
    return value


def decode_attributes(values: Json, what: str = "attributes") -> dict[str, ExpressionValue]:
    """Return a JSON object of encoded values as attributes; nulls and empty lists are absent ones."""
    if not isinstance(values, Mapping):
        raise UsageError(f"{what} must be a JSON object of names and values")
    decoded = {name: decode(value) for name, value in values.items()}
    return {name: value for name, value in decoded.items() if value is not None}


def read_cases(lines: bytes) -> list[Mapping[str, Json]]:
    """Return the cases of a file, one JSON object a line; raise `UsageError` with the line that is none."""
    import orjson

    cases: list[Mapping[str, Json]] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            case = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise UsageError(f"line {number} is not JSON: {error}") from None
        if not isinstance(case, dict) or not isinstance(case.get("expression"), str):
            raise UsageError(f'line {number} is not a case: it needs "expression"')
        cases.append(case)
    return cases


def run_case(case: Mapping[str, Json]) -> dict[str, Json]:
    """Return `{"value": …}` or `{"error": …, "code": …}` of one case, its `id`, and `ok` where something is expected.

    Raises `UsageError` when the case itself is wrong.
    """
    text = case.get("expression")
    if not isinstance(text, str):
        raise UsageError('a case needs "expression", a text')
    result: dict[str, Json] = {"id": case["id"]} if "id" in case else {}
    context = _context(case)
    try:
        result["value"] = encode(compile_expression(text).evaluate(context))
    except ExpressionError as error:
        result |= {"error": str(error), "code": "expression-error"}
    except EvaluationError as error:
        result |= {"error": error.message, "code": error.code, "start": error.start, "end": error.end}
    if "expect" in case or "expect_error" in case:
        result["ok"] = _as_expected(case, result)
    return result


def _context(case: Mapping[str, Json]) -> Context:
    imported = case.get("imported")
    parameters = case.get("parameters") or {}
    if not isinstance(parameters, Mapping) or not all(isinstance(value, str) for value in parameters.values()):
        raise UsageError("parameters must be a JSON object of names and texts")
    now = case.get("now")
    return Context(
        decode_attributes(case.get("attributes") or {}),
        None if imported is None else decode_attributes(imported, "imported"),
        {name: str(value) for name, value in parameters.items()},
        None if now is None else _moment(now),
    )


def _as_expected(case: Mapping[str, Json], result: Mapping[str, Json]) -> bool:
    expected_error = case.get("expect_error") or False
    if expected_error:
        found = result.get("error")
        return isinstance(found, str) and (expected_error is True or str(expected_error) in found)
    return "error" not in result and _exact(encode(decode(case.get("expect")))) == _exact(result["value"])


def _exact(value: Json) -> Json:
    """Return *value* so that True and 1 differ."""
    if isinstance(value, list):
        return [_exact(entry) for entry in value]
    return [str(value)] if isinstance(value, bool) else value


def _scalar(value: Json) -> ExpressionScalar:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        form, content = next(iter(value.items()))
        if isinstance(content, str) and form in ("$bin", "$ref", "$dt"):
            return Reference(content) if form == "$ref" else _binary(content) if form == "$bin" else _moment(content)
    raise UsageError(f"{value!r} is not a value: a text, a whole number, true, false, or one of {_FORMS}")


def _binary(content: str) -> bytes:
    try:
        return base64.b64decode(content.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise UsageError(f"{content!r} is not base64") from None


def _moment(content: Json) -> datetime:
    try:
        moment = datetime.fromisoformat(content) if isinstance(content, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise UsageError(f"{content!r} is not a moment such as 2013-01-11T00:00:00Z")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _flow(content: Json) -> FlowSignal:
    for signal in FlowSignal:
        if signal.value == content:
            return signal
    raise UsageError(f"{content!r} is neither IgnoreThisFlow nor AuthoritativeNull")
