"""The benchmarks of the project, each part selectable; a table on standard output, JSON with --json.

P1  start-up: `--version`, `--help` against bare python and against `import typer`
P2  single-object-sync, whole process, embedded lab, warm store, against a short script that does the same reads and writes by
    hand with the same libraries, typer for its two arguments included
P4  one rule in memory, P5  all rules in memory: see bench_rules.py
"""

from __future__ import annotations

import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
DN = "CN=testobject,OU=corp,DC=contoso,DC=com"


@dataclass(frozen=True)
class Measure:
    """One line: what, its median, the peer and the peer's median, in milliseconds; the ratio of the two; the bar."""

    part: str
    what: str
    median_ms: float
    peer: str
    peer_median_ms: float
    bar: str

    @property
    def ratio(self) -> float:
        """How many times the peer's time."""
        return self.median_ms / self.peer_median_ms


def alternate(ours: Sequence[str], peer: Sequence[str], rounds: int) -> tuple[float, float]:
    """Run two commands in turn, so that a noisy moment hits both, and return their median times in milliseconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for command, taken in ((ours, times[0]), (peer, times[1])):
            begin = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            taken.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


def prepare() -> None:
    """Compile the package's bytecode, as an installer does, even where the environment says not to write any."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(str(HERE.parent / "adsyncdiag"), quiet=2)


def start_up() -> list[Measure]:
    """P1."""
    bare, typer = [PYTHON, "-c", "pass"], [PYTHON, "-c", "import typer"]
    found = []
    for word in ("--version", "--help"):
        ours = [PYTHON, "-m", "adsyncdiag", word]
        mine, other = alternate(ours, bare, 15)
        found.append(Measure("P1", word, mine, "python -c pass", other, "<= 8x and <= 120 ms"))
        mine, other = alternate(ours, typer, 15)
        found.append(Measure("P1", word, mine, "python -c 'import typer'", other, "goal <= 1.3x"))
    return found


def whole_process() -> list[Measure]:
    """P2."""
    with tempfile.TemporaryDirectory() as folder:
        lab = Path(folder) / "lab"
        base = [PYTHON, "-m", "adsyncdiag"]
        subprocess.run(
            [*base, "lab", "init", str(lab)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        ours = [*base, "single-object-sync", "--workspace", str(lab), "--dn", DN, "--no-html-report"]
        subprocess.run(ours, check=True, stdout=subprocess.DEVNULL)
        mine, other = alternate(ours, [PYTHON, str(HERE / "bench_by_hand.py"), str(lab), DN], 9)
        found = [Measure("P2", "single-object-sync, warm store", mine, "the same by hand", other, "<= 1.6x")]
        mine, other = alternate([*ours[:-1]], ours, 5)
        found.append(Measure("P2", "the same with the HTML report", mine, "without it", other, "-"))
    return found


def one_rule() -> list[Measure]:
    """P4."""
    import bench_rules

    ours = bench_rules.best(bench_rules.compiled_rule()) / 1000
    hand = bench_rules.best(bench_rules.plain) / 1000
    found = [Measure("P4", "scope filter + 6 flows", ours, "plain Python function", hand, "<= 4x, goal 2x")]
    simple = bench_rules.by_simpleeval()
    if simple is not None:
        found.append(
            Measure(
                "P4",
                "scope filter + 6 flows",
                ours,
                "simpleeval, parsed before",
                bench_rules.best(simple) / 1000,
                "< 1x",
            )
        )
    return found


def all_rules() -> list[Measure]:
    """P5."""
    import bench_rules

    plan, name = bench_rules.one_user()
    quiet = bench_rules.best(lambda: plan(False)) / 1000
    traced = bench_rules.best(lambda: plan(True)) / 1000
    return [
        Measure("P5", f"one user, all rules ({name})", quiet, "the bar", 0.25, "<= 0.25 ms"),
        Measure("P5", "the same with the record", traced, "without", quiet, "<= 3x"),
    ]


PARTS: dict[str, Callable[[], list[Measure]]] = {"P1": start_up, "P2": whole_process, "P4": one_rule, "P5": all_rules}


def main() -> int:
    """Run the parts named, or all."""
    wanted = [word.upper() for word in sys.argv[1:] if not word.startswith("-")] or list(PARTS)
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(unknown)}; there are {', '.join(PARTS)}\n")
        return 2
    prepare()
    measures = [measure for part in wanted for measure in PARTS[part]()]
    if "--json" in sys.argv[1:]:
        sys.stdout.write(json.dumps([{**asdict(m), "ratio": m.ratio} for m in measures], indent=1) + "\n")
        return 0
    for m in measures:
        sys.stdout.write(
            f"{m.part}  {m.what:32} {m.median_ms:10.3f} ms   {m.peer:26} {m.peer_median_ms:10.3f} ms   {m.ratio:5.2f}x   {m.bar}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
