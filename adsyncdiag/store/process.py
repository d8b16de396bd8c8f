"""Whether a process on this host is still the one it was."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PROC = Path("/proc")


def birth(pid: int) -> str:
    """Return a text that tells process *pid* from a later one with the same number; "" where there is none or it cannot be had.

    Linux: boot, PID namespace and start in clock ticks, from /proc. Windows: the creation time. Elsewhere: "".
    """
    if sys.platform == "win32":
        return _windows_birth(pid) or ""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (_PROC / "self/ns/pid").readlink()
        started = _stat(pid)[19]
    except (OSError, IndexError):
        return ""
    return f"{boot} {namespace} {started}"


def is_gone(pid: int, born: str) -> bool:
    """Say whether the process *pid*, whose `birth` was *born*, has certainly ended on this host.

    A number that was given to another process since counts as gone, so does everything from before a restart of the host. A
    process in another container (PID namespace) cannot be judged from here: it counts as there.
    """
    if pid <= 0:
        return False
    now = birth(pid)
    ours = now or birth(os.getpid())
    if born and ours and born.count(" ") == 2 == ours.count(" "):
        boot, namespace, _ = born.split(" ")
        our_boot, our_namespace, _ = ours.split(" ")
        if boot != our_boot:
            return True
        if namespace != our_namespace:
            return False
    return not _exists(pid) or bool(born and now and born != now)


def _exists(pid: int) -> bool:
    if sys.platform == "win32":
        return _windows_birth(pid) is not None  # never os.kill: signal 0 is Ctrl+C there
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # there, and another user's
    try:
        return _stat(pid)[0] not in ("Z", "X")  # ended, and nobody has asked for its exit code yet
    except (OSError, IndexError):
        return True


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on: the state first, the start as number 19 (proc(5))."""
    # The second field is the program's name in parentheses, and may hold blanks and parentheses itself.
    return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    def _windows_birth(pid: int) -> str | None:
        """Return the creation time of a process from GetProcessTimes, "" when it may not be asked, None when none runs."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
        if not handle:
            return "" if ctypes.get_last_error() == 5 else None  # ERROR_ACCESS_DENIED: it runs, and is another user's
        try:
            code, times = wintypes.DWORD(), [wintypes.FILETIME() for _ in range(4)]
            kernel.GetExitCodeProcess(wintypes.HANDLE(handle), ctypes.byref(code))
            if code.value != 259:  # STILL_ACTIVE
                return None
            kernel.GetProcessTimes(wintypes.HANDLE(handle), *map(ctypes.byref, times))
            return str(times[0].dwHighDateTime << 32 | times[0].dwLowDateTime)
        finally:
            kernel.CloseHandle(wintypes.HANDLE(handle))

else:

    def _windows_birth(_pid: int) -> str | None:
        return None
