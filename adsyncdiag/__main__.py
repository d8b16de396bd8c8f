"""The entry point: `adsyncdiag ...` and `python -m adsyncdiag ...`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:  # a script that only asks for the version does not pay for the command tree
        from adsyncdiag import __version__

        sys.stdout.write(f"adsyncdiag {__version__}\n")
        return
    from adsyncdiag.cli.app import run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
