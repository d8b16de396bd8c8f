"""The entry point: `adsyncdiag ...` and `python -m adsyncdiag ...`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    arguments = sys.argv[1:]
    # A command allocates a lot and keeps nearly all of it: the collector's default of 700 objects only costs time.
    gc.set_threshold(100_000, 20, 100)
    if arguments == ["--version"]:  # a script that only asks for the version does not pay for the command tree
        from adsyncdiag import __version__

        sys.stdout.write(f"adsyncdiag {__version__}\n")
        return
    from adsyncdiag.cli.app import run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
