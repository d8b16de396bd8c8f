"""Whatever stands in adsyncdiag.toml, loading ends with settings or with a ConfigurationError (quality.md R6)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.settings import Settings, load, render_settings

VALID = render_settings(
    Path("export"), {"contoso.com": {"url": "ldaps://dc1"}, "fabrikam.com": {"ldif": "f.ldif"}}, tenant_id="t"
).encode()
LINES = VALID.splitlines(keepends=True)
PIECES = st.sampled_from(
    (
        *LINES,
        b"[",
        b"]",
        b'"""',
        b"'",
        b"=",
        b"{",
        b"}",
        b"\\",
        b"#",
        b"\0",
        b"\xff",
        b"[[ad]]",
        b"9" * 400,
        b"1e999",
        b"nan",
    )
)

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def loads_or_refuses(data: bytes) -> None:
    """Load a workspace whose settings are *data*; any error but ConfigurationError is a failure."""
    found: Settings | ConfigurationError
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "adsyncdiag.toml").write_bytes(data)
        try:
            found = load(Path(folder))
        except ConfigurationError as error:
            found = error
    assert isinstance(found, Settings) or 0 < len(str(found)) < 6000


@quick
@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    """Noise."""
    loads_or_refuses(data)


@quick
@given(st.integers(0, len(VALID)), st.binary(max_size=5), st.integers(0, 30))
def test_a_file_damaged_at_one_place(place: int, data: bytes, removed: int) -> None:
    """Bytes inserted, overwritten or lost."""
    loads_or_refuses(VALID[:place] + data + VALID[place + removed :])


@quick
@given(st.lists(PIECES, max_size=25))
def test_lines_and_marks_in_any_order(pieces: list[bytes]) -> None:
    """Lines doubled, moved into other sections, brackets and quotes left open."""
    loads_or_refuses(b"".join(pieces))


@quick
@given(
    st.dictionaries(
        st.sampled_from(("export", "url", "lab", "deletion_percent", "ca_file", "adopt_groups")),
        st.one_of(st.text(max_size=5).map(repr), st.integers().map(str), st.floats().map(str), st.sampled_from(("true", "[]", "{}", "1979-05-27", "07:32:00"))),
    ),
    st.sampled_from(("server", "entra", "ad", "ad.x", "guards", "store", "other")),
)  # fmt: skip
def test_any_value_for_any_key(content: dict[str, str], section: str) -> None:
    """Well-formed lines with values of every type."""
    loads_or_refuses(
        "\n".join([f"[{section}]", *(f"{key} = {value}" for key, value in content.items())]).encode("utf-8", "replace")
    )
