"""The command line as users meet it: processes of the real program, and for many small questions the same in this process."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

from adsyncdiag.cli import app
from adsyncdiag.connectors.lab.faults import Faults, parse_fault
from adsyncdiag.connectors.lab.serve import serve
from adsyncdiag.connectors.lab.tenant import LabTenant

TESTOBJECT = "CN=testobject,OU=corp,DC=contoso,DC=com"
OWN_VARIABLES = ("AZURE_", "ADSYNCDIAG_", "NO_COLOR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PYTHONIOENCODING")


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, standard output in bytes, standard error as text."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment with nothing of this machine's own settings in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
    return {**kept, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), **more}


@dataclass(frozen=True)
class Program:
    """Starts the program as a user does, in processes of its own."""

    home: Path

    def __call__(self, *words: str | bytes, stdin: bytes | None = None, **more: str) -> Ended:
        """Run one command to its end."""
        done = subprocess.run(
            self.line(*words),
            capture_output=True,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            env=environment(self.home, **more),
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr.decode())

    def start(self, *words: str | bytes, **more: str) -> subprocess.Popen[bytes]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            self.line(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(self.home, **more)
        )

    @staticmethod
    def line(*words: str | bytes) -> list[str | bytes]:
        """The command line for some words."""
        return [sys.executable, "-m", "adsyncdiag", *words]


@pytest.fixture(scope="session")
def lab_init(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A lab workspace that `lab init` wrote, and what it said."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "the lab"
    return folder, Program(home)("lab", "init", str(folder))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, for tests that need a process."""
    return Program(tmp_path)


@pytest.fixture
def here(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Ended]:
    """Run one command line in this process, from its arguments to its exit code."""

    def run(*words: str) -> Ended:
        capfdbinary.readouterr()
        code = app.run([*words])
        out, err = capfdbinary.readouterr()
        return Ended(code, out, err.decode())

    return run


@pytest.fixture
def workspace(lab_init: tuple[Path, Ended], tmp_path: Path) -> Path:
    """A workspace of the test's own; the export, which is only read, is a link."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    for file in lab_init[0].iterdir():
        if file.is_file():
            shutil.copy2(file, folder)
    (folder / "export").symlink_to(lab_init[0] / "export")
    return folder


@pytest.fixture
def own_export(workspace: Path) -> Path:
    """The workspace with an export of its own, for tests that damage it."""
    linked = (workspace / "export").resolve()
    (workspace / "export").unlink()
    shutil.copytree(linked, workspace / "export")
    return workspace


@dataclass
class Served:
    """A tenant served over HTTPS: the facts of `lab serve`, and the tenant behind it."""

    tenant: LabTenant
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def secret(self) -> str:
        """The client secret."""
        return Path(self.facts["client_secret_file"]).read_text(encoding="utf-8").strip()

    def behind(self, workspace: Path) -> None:
        """Point a lab workspace at the service, and take its own secret away."""
        settings = workspace / "adsyncdiag.toml"
        text = settings.read_text(encoding="utf-8").replace("lab = true", f'ca_file = "{self.facts["ca_file"]}"')
        text = text.replace('client_secret_file = "client_secret"\n', "")
        for key in ("graph_root", "authority"):
            text = re.sub(rf"(?m)^{key} = .*$", f'{key} = "{self.facts[key]}"', text)
        settings.write_text(text, encoding="utf-8")
        (workspace / "client_secret").unlink()


@pytest.fixture
def serving(lab_init: tuple[Path, Ended], tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve the lab's tenant over HTTPS from a thread, with the faults that `--fault` would name."""
    stop, threads = threading.Event(), []

    def begin(*faults: str, retry_after: int = 1) -> Served:
        folder = tmp_path / f"served-{len(threads)}"
        folder.mkdir()
        for name in ("tenant.json", "client_secret"):
            shutil.copy2(lab_init[0] / name, folder)
        served, ready = Served(LabTenant(folder / "tenant.json")), threading.Event()

        def run() -> None:
            serve(
                served.tenant,
                tls=folder / "tls",
                ready=lambda facts: (served.facts.update(facts), ready.set()),
                faults=Faults([parse_fault(text) for text in faults], retry_after=retry_after),
                stop=stop,
            )

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        assert ready.wait(20)
        return served

    yield begin
    stop.set()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def _wire_stub() -> ModuleType:
    name, path = "adsyncdiag_wire_stub", Path(__file__).parents[1] / "connectors" / "ad" / "wire_stub.py"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def controller(tmp_path: Path) -> Iterator[object]:
    """A domain controller's stand-in on loopback, over LDAPS; `ca_file` is what to trust it by."""
    module = _wire_stub()
    (tmp_path / "authority").mkdir()
    authority = module.Authority(tmp_path / "authority")
    stub = module.DirectoryStub(authority.server())
    stub.ca_file = authority.ca_file
    yield stub
    stub.close()
    assert not stub.failures


def live(workspace: Path, url: str, *more: str) -> None:
    """Make contoso.com of a lab workspace a live forest at *url*."""
    settings = workspace / "adsyncdiag.toml"
    lines = "\n".join([f'url = "{url}"', 'user = "svc@contoso.com"', *more])
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('ldif = "forest.ldif"', lines, 1), encoding="utf-8")


@contextlib.contextmanager
def lease_of_another_process(workspace: Path, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Hold the lease of *workspace* from a process of its own, as a running single-object sync does."""
    script = (
        "import sys; from pathlib import Path; from adsyncdiag.wiring import Workspace\n"
        "with Workspace(Path(sys.argv[1])).leased('single-object-sync', suspends_scheduler=True):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(workspace)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(home),
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield holder
        finally:
            holder.kill()


@pytest.fixture(scope="session")
def cli() -> ModuleType:
    """What these tests share beside fixtures: `TESTOBJECT`, `environment`, `live`, `lease_of_another_process`."""
    return sys.modules[__name__]


@dataclass
class Terminal:
    """A pseudo-terminal with the program at it: what it shows, and what a person types."""

    shown: str = ""
    code: int | None = None
    out: bytes = b""

    def run(self, line: list[str | bytes], env: dict[str, str], answers: Sequence[tuple[str, str]] = ()) -> Terminal:
        """Run *line* with its standard error and input at the terminal, its standard output apart.

        Of *answers* each second part is typed when its first part is shown, one after the other.
        """
        mine, theirs = pty.openpty()
        left, collected, seen = list(answers), [], 0
        with subprocess.Popen(
            line, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=env, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        ) as process:  # fmt: skip
            os.close(theirs)
            assert process.stdout is not None
            reader = threading.Thread(target=lambda: collected.append(process.stdout.read()))
            watch = threading.Timer(30, process.kill)
            reader.start()
            watch.start()
            with contextlib.suppress(OSError), os.fdopen(mine, "rb+", buffering=0) as screen:  # EIO: nobody is left
                while piece := screen.read(4096):
                    self.shown += piece.decode()
                    while left and (at := self.shown.find(left[0][0], seen)) >= 0:
                        seen = at + len(left[0][0])
                        screen.write(left.pop(0)[1].encode())
            self.code = process.wait()
            watch.cancel()
            reader.join()
            watch.join()
        self.out = collected[0]
        assert not left, f"never asked: {left[0][0]}; shown: {self.shown}"
        return self


@pytest.fixture
def terminal() -> Terminal:
    """A terminal for one command."""
    return Terminal()
