"""The entry point: `adsyncdiag ...` and `python -m adsyncdiag ...`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    arguments = sys.argv[1:]
    # A command allocates a lot and keeps nearly all of it: the collector's default of 700 objects only costs time.
    gc.set_threshold(100_000, 20, 100)
    try:
        if arguments == ["--version"]:  # a script that only asks for the version does not pay for the command tree
            sys.exit(_version())
        from adsyncdiag.cli.app import run

        sys.exit(run(arguments))
    except KeyboardInterrupt:  # while modules were being imported; later ones are told in app.py
        sys.exit(130)


def _version() -> int:
    from adsyncdiag import __version__
    from adsyncdiag.cli.console import problem, result
    from adsyncdiag.errors import EXIT_SUCCESS, AdSyncDiagError

    try:
        result(f"adsyncdiag {__version__}")
    except AdSyncDiagError as error:
        return problem(error)
    return EXIT_SUCCESS


if __name__ == "__main__":
    main()
