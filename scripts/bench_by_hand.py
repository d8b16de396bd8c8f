"""The peer of P2: what single-object-sync reads and writes, by hand, with the same libraries and nothing else."""

from __future__ import annotations

import sqlite3
import sys
import tomllib
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path

import msal
import orjson
import requests
import typer

from adsyncdiag.connectors.lab.inprocess import mount
from adsyncdiag.connectors.lab.tenant import LabTenant

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def main(folder: Path, dn: str) -> None:
    """Do it."""
    entra = tomllib.loads((folder / "adsyncdiag.toml").read_text())["entra"]
    parsed = [ET.parse(path).getroot() for path in (folder / "export").rglob("*.xml")]  # noqa: S314
    entry = next(e for e in (folder / "forest.ldif").read_text().split("\n\n") if e.startswith(f"dn: {dn}\n"))
    attributes = dict(line.split(": ", 1) for line in entry.splitlines() if ": " in line)
    session = requests.Session()
    mount(session, LabTenant(folder / "tenant.json"), (entra["graph_root"], entra["authority"]))
    application = msal.ConfidentialClientApplication(
        entra["client_id"],
        client_credential=(folder / "client_secret").read_text().strip(),
        authority=f"{entra['authority']}/{entra['tenant_id']}",
        instance_discovery=False,
        http_client=session,
    )
    token = application.acquire_token_for_client([entra["graph_root"] + "/.default"])["access_token"]
    answer = session.get(
        f"{entra['graph_root']}/v1.0/users/{attributes['userPrincipalName']}?$select=id,displayName,department",
        headers={"Authorization": f"Bearer {token}"},
    )
    answer.raise_for_status()
    database = sqlite3.connect(folder / "by-hand.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS objects (id TEXT PRIMARY KEY, image BLOB)")
    for _ in range(3):
        with database:
            database.execute("INSERT INTO objects VALUES (?, ?)", (str(uuid.uuid4()), orjson.dumps(attributes)))
    database.close()
    sys.stdout.buffer.write(orjson.dumps({"object": attributes, "user": answer.json(), "rules": len(parsed)}) + b"\n")


if __name__ == "__main__":
    app()
