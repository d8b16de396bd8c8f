"""The main job on real things: a Samba domain over LDAPS, a Graph service over HTTPS, the rules of a real server export.

Everything goes through the command line, in processes of its own, as an administrator runs it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from adsyncdiag.connectors.lab.document import tenant_document

pytestmark = pytest.mark.live

SECRET = "s3cret-of-the-lab-application"
TENANT, CLIENT = "11111111-2222-3333-4444-555555555555", "99999999-8888-7777-6666-555555555555"
PEOPLE = "OU=Story,OU=CORP,DC=contoso,DC=com"


@dataclass
class Server:
    """One administrator's workspace against a domain and a served tenant."""

    workspace: Path
    served: Path
    facts: dict[str, Any]
    environment: dict[str, str]

    def adsyncdiag(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "adsyncdiag", *words, "--workspace", str(self.workspace)],
            capture_output=True,
            text=True,
            env={**self.environment, **more},
            timeout=60,
            check=False,
        )

    def sync(self, dn: str, *words: str, expect: int = 0) -> dict[str, Any]:
        """Synchronise one object and return its document."""
        done = self.adsyncdiag("single-object-sync", "--dn", dn, "--no-html-report", *words)
        assert done.returncode == expect, done.stderr + done.stdout[:2000]
        assert done.stdout.count("\n") == 1
        return json.loads(done.stdout)

    def graph(self, path: str) -> dict[str, Any]:
        """Ask the served tenant over HTTPS, as any client would."""
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self.facts["ca_file"]
            grant = {
                "client_id": CLIENT,
                "client_secret": SECRET,
                "grant_type": "client_credentials",
                "scope": f"{self.facts['graph_root']}/.default",
            }
            token = session.post(f"{self.facts['authority']}/oauth2/v2.0/token", data=grant, timeout=10).json()[
                "access_token"
            ]
            answer = session.get(
                f"{self.facts['graph_root']}/v1.0{path}", headers={"Authorization": f"Bearer {token}"}, timeout=10
            )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def users(self) -> dict[str, dict[str, Any]]:
        """The tenant's users by their UPN."""
        asked = (
            "/users?$select=id,userPrincipalName,displayName,department,jobTitle,accountEnabled,onPremisesImmutableId"
        )
        return {user["userPrincipalName"]: user for user in self.graph(asked)["value"]}

    def settings(self, old: str, new: str) -> None:
        """Change a line of adsyncdiag.toml."""
        path = self.workspace / "adsyncdiag.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text, text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


def failing(document: dict[str, Any]) -> tuple[int, str]:
    """The step that failed and the code."""
    status = document["provisioningStatusInfo"]
    steps = [s["details"]["number"] for s in document["provisioningSteps"] if s["status"] == "failure"]
    return (steps[0] if steps else 0), status.get("errorInformation", {}).get("errorCode", "")


def serve(folder: Path, environment: dict[str, str]) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Start `lab serve` and wait for its line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "adsyncdiag", "lab", "serve", "--workspace", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


@pytest.fixture
def server(tmp_path: Path, domain: Any, contoso: Path) -> Iterator[Server]:
    """A workspace made by `init` for the Contoso export, against the domain and an empty served tenant."""
    served = tmp_path / "tenant"
    served.mkdir()
    document = tenant_document(
        tenant_id=TENANT, display_name="Contoso", domains=("contoso.com",), client_id=CLIENT, client_secret=SECRET
    )
    (served / "tenant.json").write_text(json.dumps(document), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "ADSYNCDIAG_AD"))}
    environment |= {"ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM": domain.service_password, "AZURE_CLIENT_SECRET": SECRET}
    process, facts = serve(served, environment)
    try:
        yield made(tmp_path, domain, contoso, facts, environment, served)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        if process.stdout is not None:
            process.stdout.close()


def made(
    tmp_path: Path, domain: Any, contoso: Path, facts: dict[str, Any], environment: dict[str, str], served: Path
) -> Server:
    """Write the workspace with `init`, point it at the served tenant, and allow export."""
    here = Server(tmp_path / "work", served / "tenant.json", facts, environment)
    done = here.adsyncdiag(
        "init", str(contoso),
        "--ad-url", f"contoso.com={domain.url}", "--ad-user", f"contoso.com={domain.service_user}",
        "--ad-ca-file", domain.ca_file, "--tenant-id", TENANT, "--client-id", CLIENT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path = here.workspace / "adsyncdiag.toml"
    text = path.read_text(encoding="utf-8")
    for key in ("graph_root", "authority"):
        text = re.sub(rf"(?m)^{key} = .*$", f'{key} = "{facts[key]}"', text)
    text = re.sub(r'(?m)^ca_file = ""', f'ca_file = "{facts["ca_file"]}"', text, count=1)
    path.write_text(text, encoding="utf-8")
    return here


@pytest.fixture
def people(domain: Any) -> Iterator[Any]:
    """An OU of the story's own, empty at the start and gone at the end."""
    domain.add(PEOPLE, "organizationalUnit")
    names = [f"CN=Ann Story,{PEOPLE}", f"CN=Team Story,{PEOPLE}", "CN=Ann Story,OU=Excluded,DC=contoso,DC=com"]
    yield domain
    for name in (*names, PEOPLE):
        domain.delete(name)


def test_from_hire_to_leaving_the_included_unit(server: Server, people: Any) -> None:
    """Create, change, join a group, move out: every run's document and the tenant's state are right."""
    ann, team = f"CN=Ann Story,{PEOPLE}", f"CN=Team Story,{PEOPLE}"
    people.add(
        ann,
        ["top", "person", "organizationalPerson", "user"],
        {
            "sAMAccountName": "ann.story", "userPrincipalName": "ann.story@contoso.com", "displayName": "Ann Story",
            "givenName": "Ann", "sn": "Story", "department": "Sales", "mail": "ann.story@contoso.com", "userAccountControl": "544",
        },
    )  # fmt: skip

    # Export is off until the administrator says otherwise.
    off = server.sync(ann)
    assert off["provisioningSteps"][9]["details"]["stagingReason"].startswith("[entra] export")
    assert server.users() == {}
    server.settings("export = false", "export = true")

    staged = server.sync(ann, "--staging-mode")
    assert staged["provisioningAction"] == "create"
    assert staged["provisioningSteps"][9]["details"]["staging"] is True
    assert server.users() == {}

    created = server.sync(ann)
    assert created["provisioningAction"] == "create"
    assert created["provisioningStatusInfo"]["status"] == "success"
    user = server.users()["ann.story@contoso.com"]
    assert (user["displayName"], user["department"], user["accountEnabled"]) == ("Ann Story", "Sales", True)
    assert created["targetIdentity"]["id"] == user["id"]
    anchor = created["sourceIdentity"]["id"]

    assert server.sync(ann)["provisioningAction"] == "other"

    people.modify(ann, {"department": "Board", "title": "Head", "mail": None})
    changed = server.sync(ann)
    assert changed["provisioningAction"] == "update"
    names = {m["displayName"]: (m.get("oldValue"), m.get("newValue")) for m in changed["modifiedProperties"]}
    assert names == {"department": ("Sales", "Board"), "title": (None, "Head"), "mail": ("ann.story@contoso.com", None)}
    user = server.users()["ann.story@contoso.com"]
    assert (user["department"], user["jobTitle"]) == ("Board", "Head")

    people.add(team, ["top", "group"], {"sAMAccountName": "team.story", "groupType": "-2147483640", "member": [ann]})
    group = server.sync(team)
    assert group["provisioningAction"] == "create"
    members = server.graph(f"/groups/{group['targetIdentity']['id']}/members?$select=id")["value"]
    assert [member["id"] for member in members] == [user["id"]]

    people.move(ann, "OU=Excluded,DC=contoso,DC=com")
    moved = server.sync("CN=Ann Story,OU=Excluded,DC=contoso,DC=com", expect=1)
    assert failing(moved) == (3, "container-excluded")
    assert moved["provisioningSteps"][3]["status"] == "skipped"
    assert set(server.users()) == {"ann.story@contoso.com"}
    gone = server.sync(ann, expect=1)
    assert failing(gone) == (4, "object-not-readable")
    people.move("CN=Ann Story,OU=Excluded,DC=contoso,DC=com", PEOPLE)
    back = server.sync(ann)
    assert back["sourceIdentity"]["id"] == anchor
    assert back["provisioningAction"] == "other"


def test_a_tenant_mastered_elsewhere_is_never_written_to(server: Server, domain: Any) -> None:
    """With onPremisesSyncEnabled the export is refused with its reason, and nothing changes."""
    server.settings("export = false", "export = true")
    path = server.served
    document = json.loads(path.read_text(encoding="utf-8"))
    document["organization"]["onPremisesSyncEnabled"] = True
    path.write_text(json.dumps(document), encoding="utf-8")
    refused = server.sync("CN=ann,OU=People,OU=CORP,DC=contoso,DC=com", expect=1)
    assert failing(refused) == (10, "tenant-mastered-elsewhere")
    assert "beside_another_sync" in refused["provisioningStatusInfo"]["errorInformation"]["recommendedAction"]
    assert server.users() == {}


def test_what_cannot_be_read_fails_at_step_four(server: Server, domain: Any) -> None:
    """An object without rights and one that does not exist give one common reason."""
    for dn in (
        "CN=blind,OU=Lab,OU=CORP,DC=contoso,DC=com",
        "CN=topsecret,OU=Secret,OU=Lab,OU=CORP,DC=contoso,DC=com",
        "CN=nobody,OU=CORP,DC=contoso,DC=com",
    ):
        assert failing(server.sync(dn, expect=1)) == (4, "object-not-readable")


def test_trouble_with_the_other_side_is_one_message_and_exit_four(server: Server, domain: Any) -> None:
    """Wrong password, an untrusted certificate, a wrong client secret: a document with the step, no traceback, no secret."""
    ann = "CN=ann,OU=People,OU=CORP,DC=contoso,DC=com"
    wrong = server.adsyncdiag(
        "single-object-sync", ann, "--no-html-report", ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM="not-the-pass-word"
    )
    assert wrong.returncode == 4
    document = json.loads(wrong.stdout)
    assert failing(document) == (4, "failed-authentication")
    assert "not-the-pass-word" not in wrong.stdout + wrong.stderr

    server.settings("export = false", "export = true")
    secret = server.adsyncdiag("single-object-sync", ann, "--no-html-report", AZURE_CLIENT_SECRET="not-the-se-cret")
    assert secret.returncode == 4
    assert failing(json.loads(secret.stdout))[0] == 10
    assert "not-the-se-cret" not in secret.stdout + secret.stderr
    assert "Traceback" not in secret.stderr + wrong.stderr

    path = server.workspace / "adsyncdiag.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(domain.ca_file, ""), encoding="utf-8")
    tls = server.adsyncdiag("single-object-sync", ann, "--no-html-report")
    assert tls.returncode == 4
    information = json.loads(tls.stdout)["provisioningStatusInfo"]["errorInformation"]
    assert "ca_file" in information["recommendedAction"]


def test_connectivity_is_told_part_by_part(server: Server, domain: Any) -> None:
    """test-connectivity names every part with what it answered, and fails when one does."""
    good = server.adsyncdiag("test-connectivity", "--json")
    assert good.returncode == 0, good.stdout + good.stderr
    parts = {entry["part"]: entry for entry in json.loads(good.stdout)}
    assert set(parts) == {"Server export", "Rules", "Store", "Forest contoso.com", "Tenant"}
    assert parts["Server export"]["facts"]["rules"] == "62"
    assert "contoso.com" in parts["Tenant"]["facts"]["verified domains"]
    bad = server.adsyncdiag("test-connectivity", ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM="wrong")
    assert bad.returncode == 4
    assert "failed" in bad.stdout
