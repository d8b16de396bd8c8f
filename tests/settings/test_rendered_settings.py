"""The settings that `init` writes are TOML, say what was answered, and write nothing to any directory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.settings import Settings, load, render_settings

Written = Callable[[str], Settings]

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
quick = settings(max_examples=100, deadline=None)


def test_answers_are_read_back(written: Written, tmp_path: Path) -> None:
    """Export folder, forests, tenant and client; everything else has its default."""
    text = render_settings(
        Path("/exports/prod"),
        {
            "contoso.com": {"url": "ldaps://dc1.contoso.com", "user": "svc@contoso.com", "ca_file": "ca.pem"},
            "fabrikam.com": {"ldif": "fabrikam.ldif"},
        },
        tenant_id="contoso.onmicrosoft.com",
        client_id="11111111-2222-3333-4444-555555555555",
    )
    found = written(text)
    assert found.server.export == Path("/exports/prod")
    assert found.ad["contoso.com"].url == "ldaps://dc1.contoso.com"
    assert found.ad["contoso.com"].user == "svc@contoso.com"
    assert found.ad["contoso.com"].ca_file == tmp_path / "ca.pem"
    assert found.ad["fabrikam.com"].ldif == tmp_path / "fabrikam.ldif"
    assert (found.entra.tenant_id, found.entra.client_id) == (
        "contoso.onmicrosoft.com",
        "11111111-2222-3333-4444-555555555555",
    )
    plain = written("")
    assert (found.guards, found.store, found.entra.authority) == (plain.guards, plain.store, plain.entra.authority)


def test_nothing_is_exported_until_somebody_says_so(written: Written) -> None:
    """Writing to a tenant or a forest is opt-in (architecture.md 12)."""
    found = written(render_settings(Path("export"), {"contoso.com": {"url": "ldaps://dc"}}))
    assert not found.entra.export
    assert not found.entra.beside_another_sync
    assert not found.ad["contoso.com"].export


def test_the_file_names_the_password_variable() -> None:
    """Whoever reads the file learns where the password goes, and that it does not go there."""
    text = render_settings(Path("export"), {"contoso.com": {}})
    assert "ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM" in text
    assert "password =" not in text


def test_a_windows_path_and_quotes_are_escaped(written: Written) -> None:
    """Backslashes and quotes reach the settings as they were given."""
    text = render_settings(Path(r"C:\exports\new"), {'a"b\\c': {"user": r'DOM\svc "x" # no comment'}})
    found = written(text)
    assert str(found.server.export).endswith(r"C:\exports\new")
    assert found.ad['a"b\\c'].user == r'DOM\svc "x" # no comment'


@pytest.mark.parametrize("text", ["a\nexport = true", "a\0b", "\x1b[31m", "\udc80", "\x85"])
def test_a_character_that_no_setting_may_hold_is_refused(text: str) -> None:
    """No answer can bring a line of its own; bytes of a path that are not Unicode are refused, not mangled."""
    with pytest.raises(ConfigurationError, match=r"cannot stand in adsyncdiag\.toml"):
        render_settings(Path("export"), {"contoso.com": {"user": text}})
    with pytest.raises(ConfigurationError, match=r"cannot stand in adsyncdiag\.toml"):
        render_settings(Path("export"), {text: {}})


@quick
@given(name=TEXT, user=TEXT, tenant=TEXT, client=TEXT)
def test_any_answers_are_read_back(name: str, user: str, tenant: str, client: str) -> None:
    """Whatever is answered, `load` returns it unchanged."""
    with tempfile.TemporaryDirectory() as folder:
        text = render_settings(Path("x"), {name: {"user": user}}, tenant_id=tenant, client_id=client)
        (Path(folder) / "adsyncdiag.toml").write_text(text, encoding="utf-8", newline="\n")
        found = load(Path(folder))
    assert found.ad[name].user == user
    assert (found.entra.tenant_id, found.entra.client_id) == (tenant, client)
