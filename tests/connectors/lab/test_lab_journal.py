"""How a tenant is kept: snapshot, journal, crashes, several processes."""

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from adsyncdiag.connectors.lab import journal as journal_module
from adsyncdiag.connectors.lab.document import tenant_document
from adsyncdiag.connectors.lab.journal import write_tenant
from adsyncdiag.connectors.lab.tenant import LabTenant
from adsyncdiag.errors import ConfigurationError

WRITER = """
import sys
from pathlib import Path
from adsyncdiag.connectors.lab import journal
from adsyncdiag.connectors.lab.document import new_id
from adsyncdiag.connectors.lab.tenant import LabTenant

path, name, count, fold_every = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
tenant = LabTenant(path)
sys.stdin.readline()  # so that several writers begin at the same moment
for number in range(count):
    with tenant.writing() as change:
        change.record("put", "users", {"id": new_id(), "displayName": f"{name} {number}"})
        change.record("put", "users", {"id": new_id(), "displayName": f"{name} {number} twin"})
    print(number, flush=True)
    if fold_every and number % fold_every == 0:
        tenant.fold()
"""


def start_writer(path, name, count, fold_every=0):
    """Start a process that writes two users in each transaction and prints the number of each that is done."""
    command = [sys.executable, "-c", WRITER, str(path), name, str(count), str(fold_every)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def displayed(tenant):
    """Return the display names of all users."""
    with tenant.reading() as directory:
        return sorted(str(directory.get("users", one)["displayName"]) for one in directory.ids("users"))


def put_user(tenant, identifier, **properties):
    """Write one user."""
    with tenant.writing() as change:
        change.record("put", "users", {"id": identifier, **properties})


def test_what_was_written_is_there_after_a_restart(client, tenant, new_client, new_user, new_group, ids):
    """Objects, members, managers and deletions are the same for a tenant that reads the files anew."""
    made = client.post("/users", new_user(mail="dora@contoso.com")).json["id"]
    client.patch("/groups(uniqueName='6161')", new_group(), prefer="create-if-missing")
    client.post(f"/groups/{ids.staff}/members/$ref", {"@odata.id": f"{ids.root}/v1.0/users/{made}"})
    client.call("PUT", f"/users/{made}/manager/$ref", {"@odata.id": f"{ids.root}/v1.0/users/{ids.ada}"})
    client.delete(f"/users/{ids.ben}")
    paths = ("/users", "/groups", f"/groups/{ids.staff}/members", f"/users/{made}/manager",
             "/directory/deletedItems/microsoft.graph.user")  # fmt: skip
    before = [client.get(path).content for path in paths]
    for again in (LabTenant(tenant.path, clock=tenant.clock), folded(tenant)):
        other = new_client(again)
        assert [other.get(path).content for path in paths] == before
        assert other.post("/users", new_user()).error["details"][0]["target"] == "userPrincipalName"


def folded(tenant):
    """Return a tenant that reads the files of *tenant* after they were folded into one."""
    tenant.fold()
    assert not tenant.path.with_suffix(".journal").exists()
    return LabTenant(tenant.path, clock=tenant.clock)


def test_files_are_for_their_owner_only(client, tenant, new_user):
    """Snapshot, journal and lock have mode 0600: they hold the client secret and people's data."""
    client.post("/users", new_user())
    tenant.fold()
    client.post("/users", new_user(userPrincipalName="e@contoso.com"))
    for suffix in (".json", ".journal", ".lock"):
        assert stat.S_IMODE(tenant.path.with_suffix(suffix).stat().st_mode) == 0o600


def test_a_write_costs_the_change_not_the_population(tenant, ids):
    """A write leaves the snapshot alone and appends less than a kilobyte."""
    before = tenant.path.read_bytes()
    put_user(tenant, ids.ben, displayName="Ben")
    assert tenant.path.read_bytes() == before
    assert tenant.path.with_suffix(".journal").stat().st_size < 1024


def test_a_long_journal_is_folded_when_the_tenant_is_opened(tenant, ids, monkeypatch):
    """Opening folds a journal that has outgrown its bound into the snapshot."""
    for number in range(50):
        put_user(tenant, ids.ben, displayName=f"Ben {number}")
    monkeypatch.setattr(journal_module, "FOLD_AT", 1000)
    assert "Ben 49" in displayed(LabTenant(tenant.path))
    assert not tenant.path.with_suffix(".journal").exists()
    assert b"Ben 49" in tenant.path.read_bytes()
    assert "Ben 49" in displayed(tenant)


def test_a_journal_left_over_from_an_interrupted_fold_is_ignored(tenant, ids):
    """A crash between renaming the snapshot and removing the journal does not apply the changes a second time."""
    put_user(tenant, ids.ben, displayName="Old Ben")
    left_over = tenant.path.with_suffix(".journal").read_bytes()
    put_user(tenant, ids.ben, displayName="New Ben")
    tenant.fold()
    tenant.path.with_suffix(".journal").write_bytes(left_over)
    again = LabTenant(tenant.path)
    assert "New Ben" in displayed(again)
    assert "Old Ben" not in displayed(again)


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_last_line_that_is_not_whole_was_never_written(tenant, ids, cut):
    """A torn line is not read, and the next write goes where it began."""
    put_user(tenant, ids.ben, displayName="First")
    whole = tenant.path.with_suffix(".journal").read_bytes()
    put_user(tenant, ids.ben, displayName="Second")
    both = tenant.path.with_suffix(".journal").read_bytes()
    tenant.path.with_suffix(".journal").write_bytes(both[: len(whole) + cut])
    again = LabTenant(tenant.path)
    assert "First" in displayed(again)
    put_user(again, ids.ben, displayName="Third")
    assert "Third" in displayed(LabTenant(tenant.path))


def test_an_exception_in_a_transaction_changes_nothing(tenant, ids):
    """What a failed transaction recorded is neither seen nor stored."""

    def fail():
        with tenant.writing() as change:
            change.record("put", "users", {"id": ids.ben, "displayName": "Half"})
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    assert "Half" not in displayed(tenant)
    assert "Half" not in displayed(LabTenant(tenant.path))


def test_a_disk_that_is_full_is_reported_and_changes_nothing(tenant, ids):
    """When only a part of a transaction fits, nothing of it stays, in memory or in the file."""
    put_user(tenant, ids.ben, displayName="First")
    journal = tenant.path.with_suffix(".journal")
    whole = journal.read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 30, before[1]))
    try:
        with pytest.raises(ConfigurationError, match=r"tenant\.journal"):
            put_user(tenant, ids.ben, displayName="Lost")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert journal.read_bytes() == whole
    assert "First" in displayed(tenant)


def test_files_that_cannot_be_used_are_named(tenant, ids):
    """A journal or a snapshot that is in the way, or gone, is a ConfigurationError with the file's name."""
    displayed(tenant)
    tenant.path.with_suffix(".journal").mkdir()
    with pytest.raises(ConfigurationError, match=r"tenant\.journal"):
        put_user(tenant, ids.ben, displayName="Lost")
    tenant.path.with_suffix(".journal").rmdir()
    assert "Lost" not in displayed(tenant)
    tenant.path.unlink()
    with pytest.raises(ConfigurationError, match=r"tenant\.json: cannot be read"):
        displayed(tenant)


@pytest.mark.parametrize("seed", range(3))
def test_killed_in_the_middle_of_writing_nothing_answered_is_lost(tmp_path, seed):
    """After kill -9 at some moment every transaction that was confirmed is there, each whole, folds or not."""
    path = empty_tenant(tmp_path)
    writer = start_writer(path, "w", 100_000, fold_every=7)
    writer.stdin.write("\n")
    writer.stdin.close()
    confirmed = -1
    deadline = time.monotonic() + 0.15 * (seed + 1)
    while time.monotonic() < deadline or confirmed < 0:
        confirmed = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.stdout.read().split()
    writer.wait()
    writer.stdout.close()
    confirmed = int(rest[-1]) if rest else confirmed
    found = set(displayed(LabTenant(path)))
    assert {f"w {n}" for n in range(confirmed + 1)} <= found
    assert {f"{name} twin" for name in found if not name.endswith("twin")} <= found
    put_user(LabTenant(path), "11111111-1111-4111-8111-111111111111", displayName="after")
    assert "after" in displayed(LabTenant(path))


def empty_tenant(folder):
    """Write a tenant without objects and return its path."""
    path = folder / "tenant.json"
    names = {"tenant_id": "t", "display_name": "T", "domains": ["t.example"], "client_id": "c", "client_secret": "s"}
    write_tenant(path, tenant_document(**names))
    return path


def test_two_processes_share_a_tenant(tmp_path):
    """Two processes that write and fold at once lose nothing, and a third that was open before sees all of it."""
    path = empty_tenant(tmp_path)
    watcher = LabTenant(path)
    assert displayed(watcher) == []
    writers = [start_writer(path, "one", 400, fold_every=50), start_writer(path, "two", 400)]
    time.sleep(0.5)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda writer: writer.communicate("\n", timeout=60), writers))
    assert [writer.returncode for writer in writers] == [0, 0]
    expected = sorted(f"{name} {n}{twin}" for name in ("one", "two") for n in range(400) for twin in ("", " twin"))
    assert displayed(watcher) == expected
    assert displayed(LabTenant(path)) == expected


def test_many_threads_share_a_tenant(tenant):
    """Threads that write at once lose nothing."""

    def write(name):
        for number in range(25):
            put_user(tenant, f"{name:08d}-0000-4000-8000-{number:012d}", displayName=f"T{name} {number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([name for name in displayed(LabTenant(tenant.path)) if name.startswith("T")]) == 200


def test_a_tenant_edited_by_hand_is_read_anew(tenant):
    """Changing tenant.json in an editor is noticed by an open tenant."""
    assert "Cleo" in displayed(tenant)
    tenant.path.write_text(tenant.path.read_text(encoding="utf-8").replace("Cleo", "Cleopatra"), encoding="utf-8")
    assert "Cleopatra" in displayed(tenant)


def test_writing_a_tenant_anew_forgets_its_journal(tenant, ids, document):
    """write_tenant over an existing tenant starts afresh."""
    put_user(tenant, ids.ben, displayName="Journaled")
    write_tenant(tenant.path, document)
    assert "Journaled" not in displayed(tenant)
    assert "Ben O'Hara" in displayed(LabTenant(tenant.path))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("organization"), "organization"),
        (lambda d: d["organization"].pop("verifiedDomains"), "verifiedDomains"),
        (lambda d: d.update(people=[]), "unknown section 'people'"),
        (lambda d: d.update(users={}), "users: a list of JSON objects"),
        (lambda d: d["users"][0].pop("id"), r"users\[0\]: `id` is missing"),
        (lambda d: d["users"][0].update(shoeSize=43), "'shoeSize' is no property of Graph's users"),
        (lambda d: d["users"][1].update(id=d["users"][0]["id"].upper()), "a second object has the id"),
        (lambda d: d["groups"][0].update(members="x"), r"groups\[0\].members: a list of ids"),
        (lambda d: d["users"][0].update(manager=["x"]), r"users\[0\].manager: the id of one object"),
        (lambda d: d["applications"][0].pop("client_id"), r"applications\[0\]: `client_id` is missing"),
        (lambda d: d.update(deleted=[{"id": "x"}]), r"deleted\[0\]: `@odata.type`"),
    ],
)
def test_a_document_that_is_no_tenant_is_refused_with_the_place(tmp_path, document, change, words):
    """Each mistake in a hand-written tenant is named with file and element, when writing and when reading."""
    change(document)
    path = tmp_path / "wrong.json"
    with pytest.raises(ConfigurationError, match=words):
        write_tenant(path, document)
    path.write_bytes(orjson.dumps(document))
    with pytest.raises(ConfigurationError, match=rf"wrong\.json.*{words}"):
        displayed(LabTenant(path))


@pytest.mark.parametrize(
    ("content", "words"), [(b"{", "line 1"), (b"[]", "not a JSON object"), (None, "cannot be read")]
)
def test_a_file_that_is_no_json_is_refused(tmp_path, content, words):
    """A damaged or missing file is a ConfigurationError, never a traceback of the parser."""
    path = tmp_path / "tenant.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words):
        displayed(LabTenant(path))


def test_a_damaged_journal_is_refused_with_what_to_do(tenant, ids):
    """A journal with rubbish in the middle is named, and the hint says how to go back to the snapshot."""
    put_user(tenant, ids.ben, displayName="One")
    with tenant.path.with_suffix(".journal").open("ab") as stream:
        stream.write(b"rubbish\n")
    with pytest.raises(ConfigurationError) as caught:
        displayed(LabTenant(tenant.path))
    assert "tenant.journal" in caught.value.message
    assert "go back to the snapshot" in caught.value.hint


def test_nothing_is_read_before_it_is_needed(tmp_path):
    """Making a LabTenant touches no file."""
    LabTenant(tmp_path / "absent" / "tenant.json")
    assert list(tmp_path.iterdir()) == []
