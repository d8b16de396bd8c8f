"""The report as one HTML file that travels: no request, no dependency, the JSON inside (report.md "HTML")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from adsyncdiag.model.trace import SyncRecord
from adsyncdiag.report import templates, wording
from adsyncdiag.report.build import build
from adsyncdiag.report.dialects import Dialect, shape
from adsyncdiag.report.document import Document
from adsyncdiag.report.naming import iso, words
from adsyncdiag.report.page import content_policy, is_compact, page
from adsyncdiag.report.visible import HIDDEN, on_page

if TYPE_CHECKING:
    from markupsafe import Markup

_LINK = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_UNSAFE_IN_SCRIPT = re.compile(f"[<>&]|{HIDDEN.pattern}")


def as_html(record: SyncRecord) -> str:
    """Return the report of *record* as one HTML document; long values are cut as in the JSON."""
    return render(build(record))


def render(document: Document) -> str:
    """Return the page of *document*."""
    from markupsafe import Markup

    environment = templates.environment()
    style, script = _asset("report.css"), _asset("report.js")
    return environment.get_template("report.html.j2").render(
        page=page(document),
        document=document,
        policy=content_policy(style, script),
        style=Markup(style),  # noqa: S704 - ours, from the package
        script=Markup(script),  # noqa: S704 - ours, from the package
        data=Markup(embedded(document)),  # noqa: S704 - escaped for this place by embedded()
        linked=linked,
        iso=iso,
        clock=wording.clock,
        lasting=wording.lasting,
        words=words,
        is_compact=is_compact,
        status_words=wording.STATUS_WORDS,
    )


def embedded(document: Document) -> str:
    r"""Return the `graph` dialect for a script element: `<`, `>`, `&` and hidden characters as `\u` escapes.

    It stays the same JSON; the saved file holds it as it stands here.
    """
    text = orjson.dumps(shape(document, Dialect.GRAPH)).decode()
    return _UNSAFE_IN_SCRIPT.sub(_escape, text)


def linked(text: str) -> Markup:
    """Return *text* as markup in which addresses are links, those that begin with `https://` only."""
    from markupsafe import Markup, escape

    pieces, end = [], 0
    for match in _LINK.finditer(text):
        address = match.group().rstrip(".,;:!?)'")
        pieces.append(escape(on_page(text[end : match.start()])))
        pieces.append(Markup('<a href="{0}" rel="noreferrer noopener">{0}</a>').format(address))
        end = match.start() + len(address)
    pieces.append(escape(on_page(text[end:])))
    return Markup("").join(pieces)


def _asset(name: str) -> str:
    return (templates.folder() / name).read_text(encoding="utf-8")


def _escape(match: re.Match[str]) -> str:
    pair = match.group().encode("utf-16-be")
    return "".join(f"\\u{pair[at : at + 2].hex()}" for at in range(0, len(pair), 2))
