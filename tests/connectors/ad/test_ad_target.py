"""The settings of a live connection are checked before anything is sent."""

from __future__ import annotations

import pytest

from adsyncdiag.connectors.ad.target import target
from adsyncdiag.errors import ConfigurationError


def checked(url: str, *, start_tls: bool = False, user: str = "svc@contoso.com", timeout: float = 10):
    """Return the checked target of a connector contoso.com."""
    return target("contoso.com", url, user=user, ca_file="", start_tls=start_tls, timeout=timeout)


@pytest.mark.parametrize(
    ("url", "start_tls", "shown"),
    [
        ("ldaps://dc1.contoso.com", False, "ldaps://dc1.contoso.com:636"),
        ("LDAPS://DC1.contoso.com:10636/", False, "ldaps://dc1.contoso.com:10636"),
        ("ldap://dc1.contoso.com", True, "ldap://dc1.contoso.com:389"),
        ("ldaps://[fd00::1]", False, "ldaps://[fd00::1]:636"),
    ],
)
def test_a_url_gives_host_and_port(url: str, start_tls: bool, shown: str) -> None:
    """Ports default to 636 and 389, IPv6 addresses keep their brackets in messages."""
    assert checked(url, start_tls=start_tls).url == shown


def test_clear_text_is_refused_with_both_ways_out() -> None:
    """ldap:// without StartTLS would send the password in clear."""
    with pytest.raises(ConfigurationError, match="clear text") as caught:
        checked("ldap://dc1.contoso.com")
    assert "ldaps://dc1.contoso.com" in caught.value.hint
    assert '[ad."contoso.com"] start_tls = true' in caught.value.hint


def test_start_tls_over_ldaps_is_a_contradiction() -> None:
    """One of the two has to go."""
    with pytest.raises(ConfigurationError, match="choose one"):
        checked("ldaps://dc1", start_tls=True)


@pytest.mark.parametrize("port", [3268, 3269])
def test_the_global_catalog_is_refused(port: int) -> None:
    """It has only some attributes; the others would look deleted."""
    with pytest.raises(ConfigurationError, match="global catalog"):
        checked(f"ldaps://dc1:{port}")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "dc1.contoso.com",
        "https://dc1",
        "ldaps://",
        "ldaps://dc1/DC=contoso",
        "ldaps://u:p@dc1",
        "ldaps://dc1:99999",
        "ldaps://[::1",
    ],
)
def test_what_is_no_server_address_is_refused_with_the_setting(url: str) -> None:
    """The message names [ad."contoso.com"] url."""
    with pytest.raises(ConfigurationError) as caught:
        checked(url)
    assert caught.value.element == '[ad."contoso.com"] url'


def test_an_account_and_a_time_out_are_needed() -> None:
    """An empty user and a time-out of nothing are refused."""
    with pytest.raises(ConfigurationError, match="account"):
        checked("ldaps://dc1", user=" ")
    with pytest.raises(ConfigurationError, match="time-out"):
        checked("ldaps://dc1", timeout=0)


def test_the_password_variable_follows_the_connectors_name() -> None:
    """Upper case, every other character an underscore."""
    assert checked("ldaps://dc1").password_variable == "ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM"
