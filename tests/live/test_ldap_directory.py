"""The live directory against a real domain: failures that only a server can produce, and files against the wire."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adsyncdiag.connectors.ad.ldif import LdifDirectory
from adsyncdiag.connectors.ad.live import LdapDirectory
from adsyncdiag.errors import ConfigurationError, ConnectorRefused, ConnectorUnreachable
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable
from adsyncdiag.model.values import Reference

pytestmark = pytest.mark.live

PEOPLE = "OU=People,OU=CORP,DC=contoso,DC=com"
ANN = Dn.parse(f"CN=Ann,{PEOPLE}")


@pytest.fixture(scope="session")
def live_connector() -> Connector:
    """The hand-made connector of the Active Directory tests."""
    path = Path(__file__).resolve().parents[1] / "connectors" / "ad" / "conftest.py"
    spec = importlib.util.spec_from_file_location("adsyncdiag_ad_conftest", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.small_connector()


@pytest.fixture
def directory(live_connector: Connector) -> Iterator[Callable[..., LdapDirectory]]:
    """Make directories for a domain, as its service account unless told otherwise."""
    made = []

    def make(domain, **options: object) -> LdapDirectory:
        chosen = {
            "url": domain.url,
            "user": domain.service_user,
            "password": lambda: domain.service_password,
            "ca_file": domain.ca_file,
            "timeout": 5,
            **options,
        }
        made.append(LdapDirectory(live_connector, **chosen))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_check_tells_server_account_encryption_and_clock(domain, directory) -> None:
    """The facts of a good connection."""
    facts = directory(domain).check()
    assert facts["server"] == domain.url
    assert facts["host name"] == "dc1.contoso.com"
    assert facts["account"] == domain.service_user
    assert facts["TLS"].startswith("TLSv1.")
    assert "DC=contoso,DC=com" in facts["naming contexts"]
    assert facts["partitions"] == "DC=contoso,DC=com held here"
    assert facts["clock"].endswith("the same as here")


@pytest.mark.parametrize(
    "form", ["svc-connector@contoso.com", "CONTOSO\\svc-connector", "CN=svc-connector,OU=Lab,OU=CORP,DC=contoso,DC=com"]
)
@pytest.mark.parametrize("start_tls", [False, True])
def test_every_form_of_the_account_binds_both_ways(domain, directory, form: str, start_tls: bool) -> None:
    """UPN, DOMAIN with user, and DN work over LDAPS and over StartTLS."""
    reader = directory(domain, user=form, start_tls=start_tls, url=domain.ldap_url if start_tls else domain.url)
    assert isinstance(reader.read(ANN), Image)
    assert reader.check()["TLS"].startswith("TLSv1.")


def test_wrong_credentials_are_refused_in_words(domain, directory) -> None:
    """A wrong password, a disabled account and a bare account name each say what they are; no message has the password."""
    for options, words in (
        ({"password": lambda: "Wr0ng-and-secret"}, "name or its password is wrong"),
        ({"user": domain.disabled_user}, "disabled"),
        ({"user": "svc-connector"}, "name or its password is wrong"),
    ):
        with pytest.raises(ConnectorRefused, match=words) as caught:
            directory(domain, **options).read(ANN)
        assert caught.value.code == "failed-authentication"
        assert "secret" not in str(caught.value)


def test_a_certificate_nobody_trusts_ends_the_connection(domain, directory) -> None:
    """Without the lab's authority the system's trust store decides, and the hint names ca_file."""
    with pytest.raises(ConnectorUnreachable, match="not trusted") as caught:
        directory(domain, ca_file="").read(ANN)
    assert '[ad."contoso.com"] ca_file' in caught.value.hint


def test_clear_text_is_refused_without_a_connection(domain, directory) -> None:
    """Plain LDAP is a configuration error."""
    with pytest.raises(ConfigurationError, match="clear text"):
        directory(domain, url=domain.ldap_url)


def test_a_server_that_is_frozen_times_out_and_serves_again_when_it_wakes(domain, directory) -> None:
    """Before the connection and in the middle of one, the wait ends after the time-out."""
    fresh, connected = directory(domain, timeout=1), directory(domain, timeout=1)
    assert isinstance(connected.read(ANN), Image)
    with domain.frozen():
        for reader in (fresh, connected):
            began = time.monotonic()
            with pytest.raises(ConnectorUnreachable, match="did not answer within 1 s"):
                reader.read(ANN)
            assert time.monotonic() - began < 4
    assert isinstance(connected.read(ANN), Image)


def test_a_server_that_is_restarted_costs_one_reconnection_and_a_stopped_one_is_unreachable(
    own_domain, directory
) -> None:
    """A dropped connection is opened again where something listens; else the error says that nothing does."""
    reader = directory(own_domain)
    assert isinstance(reader.read(ANN), Image)
    own_domain.restart()
    assert isinstance(reader.read(ANN), Image)
    own_domain.stop()
    for one in (reader, directory(own_domain)):
        with pytest.raises(ConnectorUnreachable, match="refused the connection") as caught:
            one.read(ANN)
        assert caught.value.code == "failed-connection"


def test_changes_of_the_administrator_are_seen_at_once(domain, directory) -> None:
    """Nothing is kept between reads: add, modify, move and delete show in the next one."""
    reader = directory(domain)
    dn = f"CN=Changing,{PEOPLE}"
    moved = "CN=Changing,OU=Excluded,DC=contoso,DC=com"
    try:
        domain.add(dn, "user", {"sAMAccountName": "changing", "mail": "first@contoso.com"})
        created = reader.read(Dn.parse(dn))
        assert isinstance(created, Image)
        assert created.attributes["mail"] == "first@contoso.com"
        domain.modify(dn, {"mail": "second@contoso.com", "proxyAddresses": ["smtp:a@x", "smtp:b@x"], "sn": None})
        changed = reader.read(Dn.parse(dn))
        assert isinstance(changed, Image)
        assert changed.attributes["mail"] == "second@contoso.com"
        assert set(changed.attributes["proxyAddresses"]) == {"smtp:a@x", "smtp:b@x"}
        domain.move(dn, "OU=Excluded,DC=contoso,DC=com")
        assert isinstance(reader.read(Dn.parse(dn)), Unreadable)
        after = reader.read(Dn.parse(moved))
        assert isinstance(after, Image)
        assert after.anchor == created.anchor
    finally:
        domain.delete(dn)
        domain.delete(moved)
    assert isinstance(reader.read(Dn.parse(moved)), Unreadable)


def test_a_name_outside_the_forest_is_unreadable(domain, directory) -> None:
    """A domain the server does not hold brings no object and no exception."""
    found = directory(domain).read(Dn.parse("CN=x,DC=fabrikam,DC=com"))
    assert isinstance(found, Unreadable)
    assert "covers DC=contoso,DC=com only" in found.reason


def comparable(image: Image) -> tuple[object, ...]:
    """Return what has to be the same however the object was read; sets have no order."""
    attributes = {
        name: frozenset(_plain(one) for one in value) if isinstance(value, tuple) else _plain(value)
        for name, value in image.attributes.items()
    }
    return image.dn, image.object_type, image.anchor, image.display_name, attributes


def _plain(value: object) -> object:
    return Dn.parse(value.text) if isinstance(value, Reference) else value


@pytest.mark.parametrize("writer", ["ldbsearch", "ldif"])
def test_an_export_by_another_tool_gives_the_same_images_as_the_wire(
    domain, directory, live_connector: Connector, tmp_path: Path, writer: str
) -> None:
    """Samba's own LDIF and ldap3's, of the whole domain, against the live server: every object of OU=CORP is equal."""
    path = tmp_path / "forest.ldif"
    path.write_text(getattr(domain, writer)("DC=contoso,DC=com"), encoding="utf-8")
    file = LdifDirectory(live_connector, path)
    live = directory(domain, user=domain.admin_dn, password=lambda: domain.password)
    names = [f"CN={name},{PEOPLE}" for name in ("Ann", "Boss", "Shop", "Laptop", "Orphan", "Staff", "Everyone")]
    names += [
        rf"CN=Doe\, John (ext) * #1,{PEOPLE}",
        "OU=CORP,DC=contoso,DC=com",
        "CN=Crowd,OU=Crowd,OU=CORP,DC=contoso,DC=com",
    ]
    names += [
        "CN=topsecret,OU=Secret,OU=Lab,OU=CORP,DC=contoso,DC=com",
        "CN=Administrators,CN=Builtin,DC=contoso,DC=com",
    ]
    for name in names:
        from_file, from_wire = file.read(Dn.parse(name)), live.read(Dn.parse(name))
        assert isinstance(from_file, Image), (name, from_file)
        assert isinstance(from_wire, Image), (name, from_wire)
        assert comparable(from_file) == comparable(from_wire)
    file.close()
