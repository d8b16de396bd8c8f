"""Functions on several values. Positions start at 1; a list is never empty, since no values is NULL."""

from __future__ import annotations

from collections.abc import Callable

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import (
    UNSET,
    Context,
    Evaluator,
    Site,
    fail,
    gathered,
    limited_text,
    located,
    type_name,
)
from adsyncdiag.expressions.functions.text import lowered
from adsyncdiag.expressions.operators import condition
from adsyncdiag.expressions.registry import Like, form, function
from adsyncdiag.model.values import ExpressionScalar, ExpressionValue, Reference


@function(
    "num Contains(mvstr|mvref values, str|ref search[, enum case])",
    of_null=0,
    words=("CaseInsensitive", "CaseSensitive"),
)
def contains(values: tuple[ExpressionScalar, ...], search: str | Reference, case: str = "CaseSensitive") -> int:
    """Return the position of the first value that contains *search*, or 0.

    Example: Contains([proxyAddresses],"SMTP:") is the position of the primary address, for Item. Case counts unless
    CaseInsensitive is given. Texts are searched for a part; a reference must be equal as a whole, case included. NULL gives 0
    (shipped rules compare the result with 0 on absent attributes).
    Source: Functions Reference, Contains.
    """
    fold: Callable[[str], str] = lowered if case == "CaseInsensitive" else str
    wanted = fold(search.text if isinstance(search, Reference) else search)
    for position, value in enumerate(values, start=1):
        if isinstance(value, str):
            if wanted in fold(value):
                return position
        elif isinstance(value, Reference):
            if wanted == fold(value.text):
                return position
        else:
            raise EvaluationError(f"Contains searches texts and references, not {type_name(value)}")
    return 0


@function("num Count(mv? values)")
def count(values: tuple[ExpressionScalar, ...] | None) -> int:
    """Return the number of values; NULL has 0 (open).

    Example: Count([userCertificate]) > 15. The syntax says mvstr; the page's own examples count binary values.
    Source: Functions Reference, Count.
    """
    return len(values) if values is not None else 0


@form("num ValueCount(attribute name)")
def value_count(site: Site, name: str) -> Evaluator:
    """Return the number of values of an attribute, 0 for an absent one; the name is quoted.

    Example: ValueCount("member"). Not in the Functions Reference; a shipped rule fills memberCount with it, presumably
    without loading the values (engine.md 2.2). A single value counts 1.
    Source: server-export.md 3.1.
    """

    def evaluate(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        if value is None:
            return 0
        return len(value) if isinstance(value, tuple) else 1

    return evaluate


@function("var Item(mv? values, num index)", like=Like.ELEMENT)
def item(values: tuple[ExpressionScalar, ...] | None, index: int) -> ExpressionScalar:
    """Return value number *index*; out of bounds is an error.

    Example: Item([proxyAddresses],Contains([proxyAddresses],"SMTP:")). NULL has no values, so every index is out of its
    bounds (engine.md 2.1, short-circuit).
    Source: Functions Reference, Item.
    """
    size = len(values) if values is not None else 0
    if values is None or not 1 <= index <= size:
        raise EvaluationError(f"Item {index} is out of bounds: there are {size} values")
    return values[index - 1]


@function("var ItemOrNull(mv values, num index)", like=Like.ELEMENT)
def item_or_null(values: tuple[ExpressionScalar, ...], index: int) -> ExpressionValue:
    """Return value number *index*, or NULL when it is out of bounds.

    Example: ItemOrNull([otherTelephone],2). Source: Functions Reference, ItemOrNull.
    """
    return values[index - 1] if 1 <= index <= len(values) else None


@function("str Join(mvstr values[, str? delimiter])")
def join(values: tuple[ExpressionScalar, ...], delimiter: str | None = " ") -> str:
    """Return the values in one text, with *delimiter* between them: a blank when it is left out, nothing for "" or NULL.

    Example: Join([proxyAddresses],","). Source: Functions Reference, Join.
    """
    texts = []
    for value in values:
        if not isinstance(value, str):
            raise EvaluationError(f"Join takes texts, not {type_name(value)}")
        texts.append(value)
    delimiter = delimiter or ""
    limited_text(sum(map(len, texts)) + len(delimiter) * (len(texts) - 1))
    return delimiter.join(texts)


@function("mvstr Split(str value, str delimiter[, num limit])")
def split(value: str, delimiter: str, limit: int | None = None) -> tuple[str, ...] | None:
    """Return the parts of *value* between the single character *delimiter*.

    Example: Split("SMTP:john.doe@contoso.com,smtp:jd@contoso.com",","). Open: with a *limit* the last part keeps the rest, as
    String.Split does in .NET; 0 gives NULL, a negative limit all parts. Parts may be "", so that positions stay; an empty
    value at the end of a flow is no value.
    Source: Functions Reference, Split.
    """
    if len(delimiter) != 1:
        raise EvaluationError("the delimiter must be exactly one character")
    if limit == 0:
        return None
    return tuple(value.split(delimiter, limit - 1 if limit is not None and limit > 0 else -1))


@function("mvstr RemoveDuplicates(mv values)", like=Like.ARGUMENT)
def remove_duplicates(values: tuple[ExpressionScalar, ...]) -> tuple[ExpressionScalar, ...]:
    """Return each value once, in the order of first appearance.

    Example: RemoveDuplicates([proxyAddresses]). Open: case; it counts here, since SMTP: and smtp: addresses mean different
    things. References are the same whatever their case, as everywhere.
    Source: Functions Reference, RemoveDuplicates.
    """
    return tuple(dict.fromkeys(values))


@form("mv Select(variable item, mv values, lazy body)")
def select(site: Site, slot: int, source: Evaluator, body: Evaluator) -> Evaluator:
    """Return what *body* gives for each of *values*, which the variable stands for one after the other.

    Example: Select($item,[otherPhone],Replace($item,"-","")). NULLs drop out; where the body gives several values they join
    the list (open).
    Source: Functions Reference, Select.
    """

    def evaluate(context: Context) -> ExpressionValue:
        values = _listed(source(context), site)
        results = []
        variables = context.variables
        try:
            for value in values:
                variables[slot] = value
                context.charge(1)
                results.append(body(context))
            return gathered(context, results)
        except EvaluationError as error:
            located(error, site.span)
            raise

    return evaluate


@form("mv Where(variable item, mv values, exp condition)")
def where(site: Site, slot: int, source: Evaluator, body: Evaluator) -> Evaluator:
    """Return those of *values* for which *condition* holds; none is NULL.

    Example: Where($item,[userCertificate],CertNotAfter($item)>Now()). A condition that is NULL does not hold.
    Source: Functions Reference, Where.
    """
    place = site.arguments[2]

    def evaluate(context: Context) -> ExpressionValue:
        values = _listed(source(context), site)
        kept = []
        variables = context.variables
        try:
            for value in values:
                variables[slot] = value
                context.charge(1)
                if condition(body(context), place) is True:
                    kept.append(value)
        except EvaluationError as error:
            located(error, site.span)
            raise
        return tuple(kept) or None

    return evaluate


@form("var With(variable name, lazy value, lazy body)")
def with_variable(site: Site, slot: int, source: Evaluator, body: Evaluator) -> Evaluator:
    """Return *body*, in which the variable stands for *value*.

    Example: With($valid,Where($item,[userCertificate],CertNotAfter($item)>Now()),IIF(Count($valid)>0,$valid,NULL)). By the
    page this is the same as writing *value* in its places, so it is evaluated when the body first needs it, and once.
    Source: Functions Reference, With.
    """

    def evaluate(context: Context) -> ExpressionValue:
        context.variables[slot] = UNSET
        return body(context)

    return evaluate


def _listed(value: ExpressionValue, site: Site) -> tuple[ExpressionScalar, ...]:
    """Return the values to go through; NULL has none, a single value is an error as for every `mv` argument."""
    if value is None:
        return ()
    if not isinstance(value, tuple):
        fail(f"a multi-valued attribute is needed here, not {type_name(value)}", site.arguments[1])
    return value
