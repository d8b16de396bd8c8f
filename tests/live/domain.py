"""A throw-away Samba domain for the tests marked live; a pytest plugin that conftest files register by its path.

One domain a session, in a temporary folder. Provisioned states are cached below the system's temporary folder, so only the
first session on a machine waits for one (about 10 s, then 1 s).
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's: the module samba belongs to it
CROWD = 1600
"""Members of the group that is larger than one range of values."""


@dataclass(frozen=True)
class Domain:
    """A running domain; changes are made as its administrator, over LDAPS, each on a connection of its own."""

    url: str
    ldap_url: str
    ip: str
    base_dn: str
    dns_domain: str
    admin_dn: str
    password: str
    ca_file: str
    folder: str
    pid: int
    service_user: str
    service_password: str = "P@ssw0rd-svc"
    disabled_user: str = ""

    def add(self, dn: str, classes: list[str] | str, attributes: dict | None = None) -> None:
        """Create an object."""
        self._do(lambda connection: connection.add(dn, classes, attributes or {}), f"add {dn}")

    def modify(self, dn: str, changes: dict) -> None:
        """Replace attributes; None or [] removes one."""
        import ldap3

        asked = {
            name: [(ldap3.MODIFY_REPLACE, [] if value is None else value if isinstance(value, list) else [value])]
            for name, value in changes.items()
        }
        self._do(lambda connection: connection.modify(dn, asked), f"modify {dn}")

    def move(self, dn: str, new_parent: str) -> None:
        """Move an object below another container."""
        rdn = dn[: dn.index(",")]
        self._do(lambda connection: connection.modify_dn(dn, rdn, new_superior=new_parent), f"move {dn}")

    def delete(self, dn: str) -> None:
        """Delete an object; one that is not there does no harm."""
        self._do(lambda connection: connection.delete(dn), f"delete {dn}", harmless=(32,))

    def values(self, dn: str, attribute: str) -> list[bytes]:
        """Return the raw values of an attribute as the administrator sees them."""
        import ldap3

        with self._connected() as connection:
            connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=[attribute])
            entries = [item for item in connection.response if item["type"] == "searchResEntry"]
            return list(entries[0]["raw_attributes"].get(attribute, [])) if entries else []

    def ldif(self, base: str, condition: str = "(objectClass=*)") -> str:
        """Return a subtree as LDIF of ldap3's making, as the administrator sees it."""
        import ldap3

        with self._connected() as connection:
            connection.search(base, condition, ldap3.SUBTREE, attributes=["*"])
            return connection.response_to_ldif()

    def ldbsearch(self, base: str) -> str:
        """Return a subtree as LDIF of Samba's own making, read from the database file."""
        script = (
            "import sys; from samba.samdb import SamDB; from samba.auth import system_session; from samba.param import LoadParm\n"
            "import ldb; lp = LoadParm(); lp.load(sys.argv[1] + '/etc/smb.conf')\n"
            "db = SamDB(sys.argv[1] + '/private/sam.ldb', session_info=system_session(), lp=lp)\n"
            "for m in db.search(sys.argv[2], ldb.SCOPE_SUBTREE): sys.stdout.write(db.write_ldif(m, ldb.CHANGETYPE_NONE))\n"
        )
        done = subprocess.run([PYTHON, "-c", script, self.folder, base], capture_output=True, text=True, check=True)
        return done.stdout

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the server's process without ending it: connections open, answers never come."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End the server; only for a domain of the test's own."""
        samba("stop", Path(self.folder))

    def restart(self) -> None:
        """End the server and start it again at the same address; only for a domain of the test's own."""
        self.stop()
        again = started(Path(self.folder))
        assert again.ip == self.ip, "another lab took the address meanwhile"

    @contextlib.contextmanager
    def _connected(self):
        import ldap3

        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self.ca_file)
        server = ldap3.Server(self.url, use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=10)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 compares the name with ssl.match_hostname
            connection = ldap3.Connection(
                server, self.admin_dn, self.password, auto_bind=True, check_names=False, receive_timeout=30
            )
        try:
            yield connection
        finally:
            connection.unbind()

    def _do(self, what, name: str, harmless: tuple[int, ...] = ()) -> None:
        with self._connected() as connection:
            what(connection)
            code = connection.result["result"]
            assert code == 0 or code in harmless, f"{name}: {connection.result}"


def cache_folder() -> Path:
    """Return the folder for provisioned states: ours alone, since it holds the passwords of whole domains."""
    folder = Path(tempfile.gettempdir()) / f"adsyncdiag-samba-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    assert folder.stat().st_uid == os.getuid(), f"{folder} belongs to somebody else"
    return folder


def crowd_ldif() -> str:
    """Return the LDIF of a group with more members than one range of values, and of its members."""
    ou = "OU=Crowd,OU=CORP,{DOMAIN}"
    people = [f"CN=Guest {number:05d},{ou}" for number in range(CROWD)]
    records = [f"dn: {ou}\nobjectClass: organizationalUnit\n"]
    records += [f"dn: {dn}\nobjectClass: contact\n" for dn in people]
    members = "".join(f"member: {dn}\n" for dn in people)
    records.append(f"dn: CN=Crowd,{ou}\nobjectClass: group\nsAMAccountName: crowd\ngroupType: -2147483640\n{members}")
    return "\n".join(records)


def samba(command: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run samba_ad.py."""
    words = [PYTHON, str(HERE / "samba_ad.py"), command, str(folder), *options]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=180)


def missing() -> str:
    """Say why there can be no domain on this machine; "" when there can."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    for program in ("samba", "openssl"):
        if shutil.which(program, path=path) is None:
            return f"{program} is not installed"
    if subprocess.run([PYTHON, "-c", "import samba"], capture_output=True, check=False).returncode:
        return f"{PYTHON} has no module samba"
    return "" if os.geteuid() == 0 else "only root may listen on port 636"


def refuse(reason: str) -> None:
    """Skip, or fail where the machine is meant to have a domain."""
    if os.environ.get("CI", "").lower() == "true" or os.environ.get("ADSYNCDIAG_REQUIRE_SHARED") == "1":
        pytest.fail(f"no Samba domain: {reason}")
    pytest.skip(f"no Samba domain: {reason}")


def started(folder: Path) -> Domain:
    """Start the domain in *folder*, or again after a stop, with the same address where it is free."""
    crowd = folder.with_name(f"{folder.name}-crowd.ldif")
    crowd.write_text(crowd_ldif(), encoding="utf-8")
    done = samba(
        "start",
        folder,
        *("--realm", "CONTOSO.COM", "--cache", str(cache_folder())),
        *("--ldif", str(HERE / "forest.ldif"), "--ldif", str(crowd)),
    )
    if done.returncode:
        pytest.fail(f"samba_ad.py start: {done.stderr[-2000:]}")
    facts = json.loads(done.stdout)
    return Domain(
        **{name: facts[name] for name in ("url", "ldap_url", "ip", "base_dn", "dns_domain", "admin_dn", "password")},
        ca_file=facts["ca_file"],
        folder=facts["dir"],
        pid=facts["pid"],
        service_user=f"svc-connector@{facts['dns_domain']}",
        disabled_user=f"svc-disabled@{facts['dns_domain']}",
    )


@pytest.fixture(scope="session")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    """A running domain CONTOSO.COM with the objects of forest.ldif; one for the whole session."""
    if reason := missing():
        refuse(reason)
    folder = tmp_path_factory.mktemp("samba") / "dc"
    try:
        yield started(folder)
    finally:
        samba("destroy", folder)


@pytest.fixture
def own_domain(domain: Domain, tmp_path: Path) -> Iterator[Domain]:
    """A domain of the test's own, which it may stop; from the cache the session's has filled."""
    folder = tmp_path / "dc"
    try:
        yield started(folder)
    finally:
        samba("destroy", folder)
