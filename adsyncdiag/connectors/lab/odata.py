"""Query options and the shape of answers: `$select`, `$expand`, `$top`, `$count`, `$orderby`, paging, `@odata.context`."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus

from adsyncdiag.connectors.lab.directory import Directory
from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.filters import Filter, compile_filter
from adsyncdiag.connectors.lab.problems import Problem, malformed, unknown_property, unsupported_query
from adsyncdiag.connectors.lab.properties import DEFAULTS, FOLDED, PROPERTIES, TYPE_NAMES

PAGE = 100
LARGEST_PAGE = 999
EXPANDED = 20
"""Most objects `$expand` returns for a collection (Learn, "Expand relationships")."""

_SELECT = "Parsing OData Select and Expand failed"
_EXPANDABLE = {
    "users": ("manager", "memberOf", "directReports"),
    "groups": ("members", "owners", "memberOf"),
    "contacts": ("memberOf",),
    "devices": ("memberOf",),
}
_SORTABLE = {"users": ("displayName", "userPrincipalName"), "groups": ("displayName",)}
_TOKEN_MARK = b"DSpt"


@dataclass(frozen=True, slots=True)
class Expansion:
    """One relationship to return with the object, and the properties wanted of its targets."""

    name: str
    select: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """The query options of one request."""

    kind: str
    """Collection the options are about; empty for directory objects of any kind."""
    select: tuple[str, ...] = ()
    expand: tuple[Expansion, ...] = ()
    filter: Filter | None = None
    order: str = ""
    descending: bool = False
    top: int = PAGE
    count: bool = False
    after: str = ""
    """Where the page begins: the last id, or with an order the last position, of the page before."""


def parse_query_string(text: str) -> dict[str, str]:
    """Return the options of a query string; names in lower case, with or without their `$`."""
    found: dict[str, str] = {}
    for part in text.split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name).lower().removeprefix("$")
        if name:
            found[name] = unquote_plus(value)
    return found


def read_query(options: Mapping[str, str], kind: str, *, eventual: bool) -> Query:
    """Return the checked options; *eventual* says that the header ConsistencyLevel asks for advanced queries.

    *kind* is empty for a collection of mixed directory objects. Raises `Problem` (400).
    """
    if "search" in options:
        if not eventual:
            raise unsupported_query(
                "Request with $search query parameter only works through MSGraph with a special request header: "
                "'ConsistencyLevel: eventual'"
            )
        raise unsupported_query("Unsupported Query.")  # the lab has no tokenised index
    if "skip" in options:
        raise malformed("'$skip' is not supported by the service.")
    if "filter" in options and not kind:
        raise unsupported_query("Unsupported Query.")
    counted = options.get("count", "").lower() == "true" and eventual
    order, _, direction = options.get("orderby", "").strip().partition(" ")
    query = Query(
        kind=kind,
        select=_selected(options.get("select", ""), kind),
        expand=tuple(_expansions(options.get("expand", ""), kind)),
        filter=compile_filter(options["filter"], kind, advanced=counted) if "filter" in options else None,
        order=_order(order, kind),
        descending=direction.strip().lower() == "desc",
        top=_top(options.get("top")),
        count=counted,
        after=_page_start(options.get("skiptoken", "")),
    )
    if query.order and query.filter is not None and not counted:
        raise unsupported_query("Sorting not supported for current query.")
    return query


def present(entity: Entity, kind: str, select: tuple[str, ...]) -> dict[str, Json]:
    """Return what an answer shows of an object: the selected, or else the default properties."""
    table = PROPERTIES[kind]
    shown: dict[str, Json] = {}
    for name in select or DEFAULTS[kind]:
        definition = table.get(name)
        if definition is None:
            continue
        value = None if name == "passwordProfile" else entity.get(name)  # a password is never returned
        shown[name] = [] if value is None and definition.collection else value
    return shown


def typed(entity: Entity, kind: str, select: tuple[str, ...]) -> dict[str, Json]:
    """Return what an answer shows of a directory object in a collection of several types."""
    return {"@odata.type": f"#microsoft.graph.{TYPE_NAMES[kind]}", **present(entity, kind, select)}


def context(root: str, version: str, path: str, query: Query, *, single: bool = False) -> str:
    """Return the `@odata.context` of an answer; *path* is the collection, such as `users` or `directoryObjects`."""
    names = [*query.select, *(f"{e.name}({','.join(e.select)})" for e in query.expand)]
    shape = f"({','.join(names)})" if names else ""
    return f"{root}/{version}/$metadata#{path}{shape}{'/$entity' if single else ''}"


def page_of(query: Query, directory: Directory, within: Sequence[str] | None = None) -> tuple[list[str], str, int]:
    """Return the ids of one page, where the next one starts (empty at the end), and how many match in all.

    *within* limits the collection, to the members of a group for instance, and is sorted; the total is 0 unless `$count` asks.
    """
    if query.order:
        return _sorted_page(query, directory, within)
    found: list[str] = []
    for identifier in _matches(query, directory, within, query.after):
        if len(found) == query.top:
            return found, _page_token(found[-1]), _total(query, directory, within)
        found.append(identifier)
    return found, "", _total(query, directory, within)


def next_link(url: str, options: str, token: str) -> str:
    """Return the address of the next page: *url* with the same *options* (a query string) and *token*."""
    kept = [part for part in options.split("&") if part and not _named(part, "skiptoken")]
    return f"{url}?{'&'.join([*kept, f'$skiptoken={quote(token)}'])}"


def _named(part: str, name: str) -> bool:
    return unquote_plus(part.partition("=")[0]).lower().removeprefix("$") == name


def _matches(query: Query, directory: Directory, within: Sequence[str] | None, after: str) -> Iterator[str]:
    candidates: Iterable[str]
    if within is not None:
        candidates = within[bisect_right(within, after) :]
    else:
        indexed = None if query.filter is None else query.filter.candidates(directory)
        candidates = directory.ids(query.kind, after) if indexed is None else indexed[bisect_right(indexed, after) :]
    for identifier in candidates:
        found = directory.find(identifier)
        if found is None or (query.kind and found[0] != query.kind):
            continue
        if query.filter is None or query.filter.test(found[1]):
            yield identifier


def _sorted_page(query: Query, directory: Directory, within: Sequence[str] | None) -> tuple[list[str], str, int]:
    def key(identifier: str) -> str:
        found = directory.find(identifier)
        return str(found[1].get(query.order) or "").casefold() if found else ""

    everything = sorted(_matches(query, directory, within, ""), key=key, reverse=query.descending)
    start = int(query.after[:9]) if query.after.isdigit() else 0
    end = start + query.top
    token = _page_token(str(end)) if end < len(everything) else ""
    return everything[start:end], token, len(everything)


def _total(query: Query, directory: Directory, within: Sequence[str] | None) -> int:
    if not query.count:
        return 0
    if query.kind and query.filter is None and within is None:
        return directory.count(query.kind)
    return sum(1 for _ in _matches(query, directory, within, ""))


def _selected(text: str, kind: str) -> tuple[str, ...]:
    names: list[str] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name = _spelling(part, kind)
        if name is None:
            raise (
                unknown_property(kind, part, _SELECT)
                if kind
                else malformed(
                    f"{_SELECT}: Could not find a property named '{part}' on type 'microsoft.graph.directoryObject'."
                )
            )
        names.append(name)
    return tuple(dict.fromkeys(names))


def _spelling(name: str, kind: str) -> str | None:
    for table in (FOLDED[kind],) if kind else FOLDED.values():
        if name.lower() in table:
            return table[name.lower()]
    return None


def _expansions(text: str, kind: str) -> Iterator[Expansion]:
    for part in re.findall(r"[^,(]+(?:\([^)]*\))?", text):
        name, _, inner = part.strip().partition("(")
        if name not in _EXPANDABLE.get(kind, ()):
            raise (
                unknown_property(kind, name, _SELECT) if kind else malformed(f"{_SELECT}: '{name}' cannot be expanded.")
            )
        select = ""
        for option in inner.removesuffix(")").split(";"):
            if option.strip().lower().startswith("$select="):
                select = option.strip()[8:]
        yield Expansion(name, _selected(select, ""))


def _order(name: str, kind: str) -> str:
    if not name:
        return ""
    found = FOLDED[kind].get(name.lower()) if kind else None
    if found is None or found not in _SORTABLE.get(kind, ()):
        raise unsupported_query("Sorting not supported for current query.")
    return found


def _top(text: str | None) -> int:
    if text is None:
        return PAGE
    if not text.isascii() or not text.isdigit():
        raise malformed(
            f"Invalid value '{text}' for $top query option found. The $top query option requires a non-negative "
            "integer value."
        )
    if len(text) > 9 or not 1 <= int(text) <= LARGEST_PAGE:
        raise unsupported_query(
            f"Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive."
        )
    return int(text)


def _page_token(start: str) -> str:
    return base64.urlsafe_b64encode(_TOKEN_MARK + start.encode()).rstrip(b"=").decode()


def _page_start(token: str) -> str:
    if not token:
        return ""
    try:
        content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if content.startswith(_TOKEN_MARK):
            return content[len(_TOKEN_MARK) :].decode("ascii")
    except (binascii.Error, ValueError):
        pass
    raise Problem(
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )
