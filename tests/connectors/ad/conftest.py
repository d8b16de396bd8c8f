"""Fixtures of the Active Directory side: a small connector by hand, LDIF files, a stub server, the live domain."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from adsyncdiag.connectors.ad.ldif import LdifDirectory
from adsyncdiag.connectors.ad.live import LdapDirectory
from adsyncdiag.model.configuration import Connector, ConnectorKind, Partition
from adsyncdiag.model.names import Dn
from adsyncdiag.model.schema import AttributeSchema, ClassSchema, Schema
from adsyncdiag.model.values import AttributeType

HERE = Path(__file__).resolve().parent
PEOPLE = "OU=People,OU=CORP,DC=contoso,DC=com"
SECRET = "Pa55-that-must-not-show"

_TYPES = {
    AttributeType.STRING: (
        "cn displayName givenName sn mail mailNickname extensionAttribute1 sAMAccountName userPrincipalName "
        "operatingSystem whenCreated"
    ),
    AttributeType.NUMBER: "userAccountControl groupType msExchRecipientTypeDetails pwdLastSet",
    AttributeType.BOOLEAN: "msExchHideFromAddressLists isCriticalSystemObject",
    AttributeType.BINARY: "objectGUID objectSid",
    AttributeType.REFERENCE: "manager mS-DS-CreatorSID",
}
_SEVERAL = {
    AttributeType.STRING: "proxyAddresses objectClass",
    AttributeType.BINARY: "userCertificate",
    AttributeType.REFERENCE: "member authOrig",
}
_CLASSES = {
    "top": None,
    "person": "top",
    "organizationalPerson": "person",
    "user": "organizationalPerson",
    "computer": "user",
    "contact": "organizationalPerson",
    "group": "top",
    "organizationalUnit": "top",
}


def _module(name: str, path: Path) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures `domain` and `own_domain` of the live tests, unless their own folder did."""
    name = "adsyncdiag_samba_domain"
    if not config.pluginmanager.has_plugin(name):
        config.pluginmanager.register(_module(name, HERE.parents[1] / "live" / "domain.py"), name)


def small_connector() -> Connector:
    """Return a connector for DC=contoso,DC=com that includes every attribute of its schema but objectClass and sn."""
    attributes = {
        name: AttributeSchema(name, kind, several)
        for several, table in ((False, _TYPES), (True, _SEVERAL))
        for kind, names in table.items()
        for name in names.split()
    }
    attributes["unicodePwd"] = AttributeSchema("unicodePwd", AttributeType.BINARY, export_only=True)
    abstract = ("top", "person", "organizationalPerson")
    classes = {
        name: ClassSchema(name, superior, frozenset(attributes), structural=name not in abstract)
        for name, superior in _CLASSES.items()
    }
    return Connector(
        id=UUID(int=7),
        name="contoso.com",
        kind=ConnectorKind.ACTIVE_DIRECTORY,
        schema=Schema(attributes, classes),
        partitions=(Partition(UUID(int=8), "contoso.com", Dn.parse("DC=contoso,DC=com"), selected=True),),
        # as an administrator may have typed them: cases differ from the schema's
        attribute_inclusion=frozenset({name.upper() for name in attributes} - {"OBJECTCLASS", "SN"}),
    )


@pytest.fixture(scope="session")
def connector() -> Connector:
    """The small connector."""
    return small_connector()


@pytest.fixture
def ldif(tmp_path: Path, connector: Connector) -> Callable[..., LdifDirectory]:
    """Write a text or bytes as an LDIF file and return the directory that reads it."""

    def make(content: str | bytes, **options: object) -> LdifDirectory:
        path = tmp_path / "forest.ldif"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return LdifDirectory(connector, path, **options)

    return make


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory):
    """A certificate authority of the tests' own."""
    module = _module("adsyncdiag_wire_stub", HERE / "wire_stub.py")
    return module.Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def stub_with(authority) -> Iterator[Callable[..., object]]:
    """Start stub servers, with the options of `DirectoryStub`; their own failures fail the test."""
    module = _module("adsyncdiag_wire_stub", HERE / "wire_stub.py")
    started = []

    def start(certificate: Path | None = None, *, plain: bool = False, start_tls: bool = False):
        chosen = None if plain else certificate or authority.server()
        stub = module.DirectoryStub(chosen, start_tls=start_tls)
        stub.DROP, stub.HANG = module.DROP, module.HANG
        started.append(stub)
        return stub

    yield start
    for stub in started:
        stub.close()
        assert not stub.failures


@pytest.fixture
def stub(stub_with):
    """One stub server that speaks LDAPS with a certificate the adapter trusts."""
    return stub_with()


@pytest.fixture
def live_directory(connector: Connector, authority) -> Iterator[Callable[..., LdapDirectory]]:
    """Make directories for a stub (or another URL); each is closed at the end."""
    made = []

    def make(stub=None, **options: object) -> LdapDirectory:
        chosen = {
            "url": stub.url if stub is not None else "ldaps://127.0.0.1",
            "user": "svc@contoso.com",
            "password": lambda: SECRET,
            "ca_file": str(authority.ca_file),
            "timeout": 5,
            **options,
        }
        directory = LdapDirectory(connector, **chosen)
        made.append(directory)
        return directory

    yield make
    for directory in made:
        directory.close()
