"""Finds the page's templates and prepares Jinja2 for hostile text."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.report.visible import on_page

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment


def folder(package: Path = Path(__file__).parent) -> Path:
    """Return the folder with the templates.

    An installed wheel has them beside this *package*; a checkout, editable or not, under `reports/templates` at its root.
    """
    installed = package / "templates"
    if installed.is_dir():
        return installed
    source = package.parent.parent / "reports" / "templates"
    if source.is_dir():
        return source
    raise ConfigurationError(
        "the templates of the HTML report are missing", hint="Install adsyncdiag again.", file=str(installed)
    )


@cache
def environment() -> Environment:
    """Return the Jinja2 environment: everything is escaped, unknown names are errors, hidden characters are shown.

    `finalize` sees the result of every expression in every template, so no template can forget a value.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    place = folder()
    return Environment(
        loader=FileSystemLoader(place),
        bytecode_cache=_compiled(place),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
    )


def _compiled(place: Path) -> BytecodeCache:
    """Return a cache of compiled templates where Python keeps its own, `__pycache__` or what PYTHONPYCACHEPREFIX says.

    Compiling takes 100 ms, which every run of the command would pay. Jinja2 checks the version and the source before it uses
    what is there; a folder that cannot be written just means no cache, as for Python's modules.
    """
    from jinja2 import BytecodeCache
    from jinja2.bccache import Bucket

    class Compiled(BytecodeCache):
        """Reads and writes one file for each template."""

        def load_bytecode(self, bucket: Bucket) -> None:
            with suppress(OSError), self._file(bucket).open("rb") as file:
                bucket.load_bytecode(file)

        def dump_bytecode(self, bucket: Bucket) -> None:
            if sys.dont_write_bytecode:
                return
            with suppress(OSError):
                file = self._file(bucket)
                file.parent.mkdir(parents=True, exist_ok=True)
                handle, temporary = mkstemp(dir=file.parent, prefix=file.name)
                with os.fdopen(handle, "wb") as stream:
                    bucket.write_bytecode(stream)
                Path(temporary).replace(file)

        def get_cache_key(self, name: str, filename: str | None = None) -> str:
            return name

        def _file(self, bucket: Bucket) -> Path:
            return Path(cache_from_source(str(place / bucket.key)))

    return Compiled()


def _shown(value: object) -> object:
    """Return what is printed for *value*: texts with hidden characters visible, markup as it is, nothing for None."""
    if value is None:
        return ""
    return on_page(value) if type(value) is str else value
