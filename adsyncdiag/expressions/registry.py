"""The one list of functions: each is a plain Python function under `functions/` with its signature in Microsoft's notation.

The signature drives everything else: arity and types at compile time, mapping over several values at run time, and the
manual. Types: `str num bool bin ref dt` take one value and map over several; `mv` takes a list as a whole; `var` takes
anything, NULL included; `exp` is a condition; `enum` one of the words named beside it; `variable` a `$name` that the last
argument may use; `attribute` a quoted attribute name. `a|b` is either, `?` says that the function itself handles NULL.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from adsyncdiag.model.values import ExpressionValue, FlowSignal, Reference


class Kind(Enum):
    """The types an expression computes with; the value is what a message calls one."""

    STRING = "a text"
    NUMBER = "a number"
    BOOLEAN = "True or False"
    BINARY = "a binary value"
    REFERENCE = "a reference"
    DATE = "a date"
    FLOW = "IgnoreThisFlow or AuthoritativeNull"


KIND_OF: dict[type, Kind] = {
    str: Kind.STRING,
    int: Kind.NUMBER,
    bool: Kind.BOOLEAN,
    bytes: Kind.BINARY,
    Reference: Kind.REFERENCE,
    datetime: Kind.DATE,
    FlowSignal: Kind.FLOW,
}
TYPE_OF = {kind: python for python, kind in KIND_OF.items()}
_CODES = {
    "str": Kind.STRING,
    "num": Kind.NUMBER,
    "bool": Kind.BOOLEAN,
    "bin": Kind.BINARY,
    "ref": Kind.REFERENCE,
    "dt": Kind.DATE,
}


class Mode(Enum):
    """How an argument reaches its function."""

    SCALAR = "one value; the function is applied to each of several"
    LIST = "all values of a multi-valued attribute at once"
    ANY = "as it is"
    CONDITION = "evaluated when needed, to True or False"
    LAZY = "evaluated when needed"
    WORD = "one of a few words"
    VARIABLE = "a variable, for the last argument"
    NAME = "a quoted attribute name"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function."""

    name: str
    mode: Mode
    kinds: frozenset[Kind] | None
    """What it accepts; None is everything."""
    optional: bool = False
    nullable: bool = False
    """The function handles NULL itself."""


class Like(Enum):
    """Where a result's type comes from when the signature alone does not say it."""

    SIGNATURE = "the signature"
    ARGUMENT = "the first value argument, single or multi-valued as that"
    ELEMENT = "one value of the first value argument"


@dataclass(frozen=True, slots=True)
class FunctionInfo:
    """One function of the language: what the compiler needs, and its entry in the manual."""

    name: str
    signature: str
    parameters: tuple[Parameter, ...]
    least: int
    most: int | None
    """Arguments at most; None is without limit."""
    result: frozenset[Kind] | None
    result_is_list: bool
    like: Like
    words: tuple[str, ...]
    of_null: ExpressionValue
    """The result when the first argument is NULL; NULL in another argument gives NULL."""
    pure: bool
    """The same arguments give the same result, so that a call with literals is computed once."""
    is_form: bool
    """The implementation takes closures instead of values and returns one (`IIF`, `Select`, …)."""
    implementation: Callable[..., Any]
    group: str

    @property
    def manual(self) -> str:
        """The whole entry: semantics, example, source, and each open point with the choice made."""
        return inspect.getdoc(self.implementation) or ""

    @property
    def summary(self) -> str:
        """The first line of the entry."""
        return self.manual.partition("\n")[0]

    @property
    def binds_variable(self) -> bool:
        """True for Select, Where and With."""
        return bool(self.parameters) and self.parameters[0].mode is Mode.VARIABLE

    def parameter(self, index: int) -> Parameter:
        """Return the parameter of argument number *index*; an endless signature (Switch) repeats its last two."""
        if index < len(self.parameters):
            return self.parameters[index]
        return self.parameters[-2 + (index - len(self.parameters)) % 2]


REGISTERED: dict[str, FunctionInfo] = {}
"""What has registered so far; `catalogue` sees to it that all have."""
_SIGNATURE = re.compile(r"(?P<result>[a-z|]+) (?P<name>[A-Za-z0-9]+)\((?P<parameters>.*)\)")
_Implementation = TypeVar("_Implementation", bound=Callable[..., Any])


def function(
    signature: str,
    *,
    of_null: ExpressionValue = None,
    words: tuple[str, ...] = (),
    like: Like = Like.SIGNATURE,
    pure: bool = True,
) -> Callable[[_Implementation], _Implementation]:
    """Register a function that takes plain values; the decorated function stays as it is."""

    def register(implementation: _Implementation) -> _Implementation:
        _add(implementation, signature, of_null, words, like, pure, is_form=False)
        return implementation

    return register


def form(signature: str, *, like: Like = Like.SIGNATURE) -> Callable[[_Implementation], _Implementation]:
    """Register a form: it takes the closures of its arguments and returns the closure of the call."""

    def register(implementation: _Implementation) -> _Implementation:
        _add(implementation, signature, None, (), like, False, is_form=True)
        return implementation

    return register


def closest(name: str, known: list[str]) -> str:
    """Return the one of *known* that *name* probably means: another case first, then likeness; "" for none."""
    folded = {entry.lower(): entry for entry in known}
    if name.lower() in folded:
        return folded[name.lower()]
    import difflib

    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.7)
    return folded[near[0]] if near else ""


def _add(
    implementation: Callable[..., Any],
    signature: str,
    of_null: ExpressionValue,
    words: tuple[str, ...],
    like: Like,
    pure: bool,
    *,
    is_form: bool,
) -> None:
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(f"signature {signature!r} cannot be read")
    declared = found["parameters"]
    endless = declared.endswith("...")
    parameters = _parameters(declared.removesuffix("...").rstrip(", "))
    result = found["result"]
    kinds = None if result in ("var", "mv") else _kinds(result.replace("mv", ""))
    REGISTERED[found["name"]] = FunctionInfo(
        name=found["name"],
        signature=signature.replace("?", "").replace("lazy ", "var "),
        parameters=parameters,
        least=sum(not parameter.optional for parameter in parameters),
        most=None if endless else len(parameters),
        result=kinds,
        result_is_list=result.startswith("mv"),
        like=like,
        words=words,
        of_null=of_null,
        pure=pure,
        is_form=is_form,
        implementation=implementation,
        group=implementation.__module__.rpartition(".")[2],
    )


def _parameters(declared: str) -> tuple[Parameter, ...]:
    if not declared:
        return ()
    required, _, _ = declared.partition("[")
    count = len([part for part in required.split(",") if part.strip()])
    parts = declared.replace("[", "").replace("]", "").split(",")
    return tuple(_parameter(part.strip(), optional=index >= count) for index, part in enumerate(parts))


_MODES = {
    "var": Mode.ANY,
    "exp": Mode.CONDITION,
    "lazy": Mode.LAZY,
    "enum": Mode.WORD,
    "variable": Mode.VARIABLE,
    "attribute": Mode.NAME,
}


def _parameter(declared: str, *, optional: bool) -> Parameter:
    code, _, name = declared.partition(" ")
    nullable, code = code.endswith("?"), code.rstrip("?")
    if code in _MODES:
        mode = _MODES[code]
        return Parameter(name, mode, frozenset({Kind.BOOLEAN}) if mode is Mode.CONDITION else None, optional, nullable)
    if code.startswith("mv"):
        return Parameter(name, Mode.LIST, None if code == "mv" else _kinds(code.replace("mv", "")), optional, nullable)
    return Parameter(name, Mode.SCALAR, _kinds(code), optional, nullable)


def _kinds(codes: str) -> frozenset[Kind]:
    return frozenset(_CODES[code] for code in codes.split("|") if code != "void")
