"""`test-expression` and `functions`: try an expression of a synchronisation rule, and the language's manual."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from adsyncdiag.cli import console
from adsyncdiag.cli.options import Json, Workspace
from adsyncdiag.errors import EXIT_SUCCESS, EXIT_VERDICT, EvaluationError, UsageError, excerpt

if TYPE_CHECKING:
    from adsyncdiag.expressions.compiler import Expression, NameCheck
    from adsyncdiag.expressions.evaluation import Context
    from adsyncdiag.model.values import ExpressionValue


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("test-expression")(evaluate)
    app.command("functions")(functions)


def evaluate(
    expression: Annotated[str, typer.Argument(metavar="[EXPRESSION]", help="As the Synchronization Rules Editor takes it.")] = "",
    attribute: Annotated[list[str] | None, typer.Option("--attribute", metavar="NAME=VALUE", help='A text value, or NAME:=JSON for others (2, true, {"$bin": "AA=="}). The same name again makes it multi-valued.')] = None,
    imported: Annotated[list[str] | None, typer.Option("--imported", metavar="NAME=VALUE", help="What ImportedValue reads, where it differs.")] = None,
    parameter: Annotated[list[str] | None, typer.Option("--parameter", metavar="NAME=VALUE", help="What %NAME% stands for.")] = None,
    dn: Annotated[str, typer.Option("--object", metavar="DN", help="Take the attributes of an object, read from its forest.")] = "",
    connector_name: Annotated[str, typer.Option("--connector-name", metavar="N", help="Check attribute names against this connector's schema.")] = "",
    side: Annotated[Literal["cs", "mv"], typer.Option("--side", help="With --connector-name: the connector space's names, or the metaverse's.")] = "cs",
    file: Annotated[Path | None, typer.Option("--file", metavar="CASES.jsonl", help='One case a line: {"expression", "attributes", "parameters"?, "imported"?, "expect"?, "expect_error"?}. Exit code 1 when one differs.')] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Show what every part of the expression gave.")] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> int:  # fmt: skip
    """Evaluate an expression of a synchronisation rule over attributes you give, or over an object.

    Example: adsyncdiag test-expression 'Left(Trim([displayName]),448)' --attribute 'displayName= Ann '
    """
    if bool(expression) == (file is not None):
        raise UsageError(
            "give an expression, or a file of cases",
            hint="Such as 'Trim([displayName])' --attribute 'displayName= Ann '.",
        )
    if file is not None:
        return _cases(file)
    from adsyncdiag.expressions.compiler import compile_expression
    from adsyncdiag.expressions.evaluation import Context
    from adsyncdiag.expressions.vectors import decode_attributes

    compiled = compile_expression(
        expression, schema=_names(workspace, connector_name, side) if connector_name else None
    )
    attributes, parameters = _object(workspace, dn) if dn else ({}, {})
    own = decode_attributes(_given("--attribute", attribute))
    context = Context(
        attributes={**attributes, **own},
        imported=decode_attributes(_given("--imported", imported)) if imported else None,
        parameters={**parameters, **{name: str(value) for name, value in _given("--parameter", parameter).items()}},
    )
    return _evaluate(compiled, context, trace=trace, json=json)


def functions(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One function, for its whole entry.")] = "",
    json: Json = False,
) -> None:
    """Show the manual of the expression language: every function, or the entry of one."""
    from adsyncdiag.expressions import catalogue, registry

    if name:
        found = catalogue.find(name)
        if found is None:
            near = registry.closest(name, [info.name for info in catalogue.functions()])
            raise UsageError(
                f"there is no function {name}", hint=f"Did you mean {near}?" if near else "See adsyncdiag functions."
            )
        entry = {"name": found.name, "group": found.group, "signature": found.signature, "manual": found.manual}
        console.result(console.as_json(entry) if json else f"{found.signature}\n\n{found.manual}")
        return
    listed = catalogue.functions()
    if json:
        console.result(
            console.as_json(
                [{"name": f.name, "group": f.group, "signature": f.signature, "summary": f.summary} for f in listed]
            )
        )
    else:
        console.result(
            console.table(
                [(f.name, f.group, f.signature, f.summary) for f in listed], ("Name", "Group", "Signature", "Summary")
            )
        )


# --- parts --------------------------------------------------------------------------------------------------------


def _cases(file: Path) -> int:
    """Evaluate the cases of a file, one result a line; 1 when one is not as expected."""
    import orjson

    from adsyncdiag.expressions.vectors import read_cases, run_case

    try:
        lines = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    worst = EXIT_SUCCESS
    for case in read_cases(lines):
        outcome = run_case(case)
        console.result(orjson.dumps(outcome))
        if outcome.get("ok") is False:
            worst = EXIT_VERDICT
    return worst


def _evaluate(compiled: Expression, context: Context, *, trace: bool, json: bool) -> int:
    from adsyncdiag.expressions.vectors import encode

    for warning in compiled.warnings:
        console.note(f"Warning: {warning}")
    value, entries = compiled.trace(context)
    failed = isinstance(value, EvaluationError)
    if json:
        outcome: dict[str, Any] = (
            {"error": value.message, "code": value.code}
            if isinstance(value, EvaluationError)
            else {"value": encode(value)}
        )
        if trace:
            outcome["trace"] = [{"start": e.start, "end": e.end, "text": e.text, **_part(e.value)} for e in entries]
        console.result(console.as_json(outcome))
        return EXIT_VERDICT if failed else EXIT_SUCCESS
    if trace:
        console.result(console.table([(e.text, _shown(e.value)) for e in entries], ("Part", "Value")) + "\n")
    if isinstance(value, EvaluationError):
        console.note(f"adsyncdiag: {value.message} ({value.code})")
        console.note("\n".join(excerpt(compiled.text, value.start, value.end)))
        return EXIT_VERDICT
    console.result(console.plain(_shown(value)))
    return EXIT_SUCCESS


def _part(value: ExpressionValue | EvaluationError) -> dict[str, Any]:
    from adsyncdiag.expressions.vectors import encode

    return {"error": value.message} if isinstance(value, EvaluationError) else {"value": encode(value)}


def _shown(value: ExpressionValue | EvaluationError) -> str:
    """Return a value as an administrator reads it."""
    from adsyncdiag.expressions.vectors import encode

    if isinstance(value, EvaluationError):
        return f"error: {value.message}"
    if value is None:
        return "NULL"
    return value if isinstance(value, str) else console.as_json(encode(value)).decode().strip()


def _given(option: str, items: list[str] | None) -> dict[str, Any]:
    """Return NAME=VALUE and NAME:=JSON options as names and encoded values; a name given again collects a list."""
    import orjson

    found: dict[str, Any] = {}
    for item in items or []:
        name, equals, text = item.partition("=")
        if not equals or not name.strip(": "):
            raise UsageError(f"{option} {item}: write NAME=VALUE, or NAME:=JSON")
        value: Any = text
        if name.endswith(":"):
            name = name[:-1]
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise UsageError(f"{option} {item}: {text!r} is not JSON ({error})") from None
        if name in found:
            earlier = found[name] if isinstance(found[name], list) else [found[name]]
            value = [*earlier, *(value if isinstance(value, list) else [value])]
        found[name] = value
    return found


def _names(workspace: Path | None, connector_name: str, side: str) -> NameCheck:
    """Return the attribute names of a connector's schema, or of the metaverse."""
    from adsyncdiag import wiring
    from adsyncdiag.expressions.compiler import NameCheck

    with wiring.open_workspace(workspace) as place:
        connector = place.configuration.connector_named(connector_name)
        if connector is None:
            known = ", ".join(c.name for c in place.configuration.connectors)
            raise UsageError(f"there is no connector {connector_name}", hint=f"The export has {known}.")
        return NameCheck(connector.schema.attributes if side == "cs" else place.configuration.metaverse.attributes)


def _object(workspace: Path | None, dn: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Return the attributes of an object as its forest shows them now, and the parameters of its connector."""
    from adsyncdiag import wiring
    from adsyncdiag.engine.subjects import parameters_of
    from adsyncdiag.model.names import Dn
    from adsyncdiag.model.objects import Unreadable

    name = Dn.parse(dn)
    with wiring.open_workspace(workspace) as place:
        for connector in place.configuration.active_directory:
            partition = connector.partition_of(name)
            if partition is None:
                continue
            found = place.directory(connector).read(name)
            if isinstance(found, Unreadable):
                raise UsageError(f"{dn} cannot be read: {found.reason}")
            return {**found.attributes, "dn": found.dn.text}, parameters_of(connector, partition)
    raise UsageError(f"no connector has a partition for {dn}", hint="Check the distinguished name.")
