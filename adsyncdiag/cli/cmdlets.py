"""Cmdlet names and PowerShell parameters, so that a line copied from Microsoft's documentation works.

`Invoke-ADSyncSingleObjectSync -DistinguishedName "CN=..." -StagingMode` is turned into the command's own options before
anything is parsed. Names in any letter case; `-Name value`, `-Name:value`; values of Booleans as `true false 1 0 $true
$false`. Prefix abbreviations, which PowerShell allows, are refused: what they mean changes as parameters are added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from adsyncdiag.errors import UsageError

_BOOLEANS = {"true": True, "$true": True, "1": True, "false": False, "$false": False, "0": False}


class Kind(Enum):
    """What follows a PowerShell parameter."""

    VALUE = "a value"
    BOOLEAN = "true or false"
    SWITCH = "nothing"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A PowerShell parameter and the option it stands for; a Boolean has an option for each of its two values."""

    option: str
    kind: Kind = Kind.VALUE
    negated: str = ""


@dataclass(frozen=True, slots=True)
class Cmdlet:
    """One cmdlet: our command, its parameters, those that may come without a name, and what it implies."""

    command: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    implied: tuple[str, str] | None = None
    """An option with its value that the cmdlet name brings along unless it is given."""


def _switch(option: str) -> Parameter:
    return Parameter(option, Kind.SWITCH)


def _boolean(option: str) -> Parameter:
    return Parameter(f"--{option}", Kind.BOOLEAN, f"--no-{option}")


CMDLETS: Mapping[str, Cmdlet] = {
    "Invoke-ADSyncSingleObjectSync": Cmdlet(
        "single-object-sync",
        {
            "DistinguishedName": Parameter("--dn"),
            "StagingMode": _switch("--staging-mode"),
            "NoHtmlReport": _switch("--no-html-report"),
        },
        positional=("DistinguishedName",),
        implied=("--json-format", "cmdlet"),
    ),
    "Get-ADSyncScheduler": Cmdlet("get-scheduler"),
    "Set-ADSyncScheduler": Cmdlet(
        "set-scheduler",
        {
            "CustomizedSyncCycleInterval": Parameter("--customized-sync-cycle-interval"),
            "SyncCycleEnabled": _boolean("sync-cycle-enabled"),
            "NextSyncCyclePolicyType": Parameter("--next-sync-cycle-policy-type"),
            "PurgeRunHistoryInterval": Parameter("--purge-run-history-interval"),
            "MaintenanceEnabled": _boolean("maintenance-enabled"),
            "SchedulerSuspended": _boolean("scheduler-suspended"),
            "Force": _switch("--force"),
        },
        positional=(
            "CustomizedSyncCycleInterval",
            "SyncCycleEnabled",
            "NextSyncCyclePolicyType",
            "PurgeRunHistoryInterval",
            "MaintenanceEnabled",
            "SchedulerSuspended",
        ),
    ),
}
_COMMON: Mapping[str, Parameter] = {"Verbose": _switch("--verbose")}
"""Parameters that PowerShell gives to every cmdlet (about_CommonParameters), as far as they mean something here."""
_HELP = ("-h", "-?")
_BY_FOLDED = {name.lower(): name for name in CMDLETS}


def translate(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a leading cmdlet name and its parameters replaced; others come back as they are.

    Raises `UsageError` for an unknown parameter, a missing value, a Boolean that is none.
    """
    if not arguments:
        return []
    name = _BY_FOLDED.get(arguments[0].lower())
    if name is None:
        return list(arguments)
    cmdlet = CMDLETS[name]
    translated = _Translation(name, cmdlet, list(arguments[1:])).run()
    if cmdlet.implied is not None and not any(a.split("=")[0] == cmdlet.implied[0] for a in translated):
        translated += cmdlet.implied
    return [cmdlet.command, *translated]


@dataclass(slots=True)
class _Translation:
    name: str
    cmdlet: Cmdlet
    left: list[str]
    named: set[str] = field(default_factory=set)
    out: list[str] = field(default_factory=list)

    def run(self) -> list[str]:
        unnamed: list[str] = []
        while self.left:
            argument = self.left.pop(0)
            if argument in _HELP:
                self.out.append("--help")
            elif argument.startswith("--"):
                self._own_option(argument)
            elif argument.startswith("-") and len(argument) > 1 and not argument[1].isdigit():
                self._parameter(argument)
            else:
                unnamed.append(argument)
        free = [n for n in self.cmdlet.positional if n not in self.named]
        for value in unnamed:
            if not free:
                raise UsageError(f"{self.name} does not know what to do with {value!r}", hint=self._usage())
            self._emit(free[0], self.cmdlet.parameters[free.pop(0)], value)
        return self.out

    def _own_option(self, argument: str) -> None:
        """Pass one of our own options on, with its value where one follows."""
        self.out.append(argument)
        if "=" not in argument and argument in _VALUED and self.left:
            self.out.append(self.left.pop(0))

    def _parameter(self, argument: str) -> None:
        written, colon, value = argument[1:].partition(":")
        parameters = {**self.cmdlet.parameters, **_COMMON}
        by_folded = {n.lower(): n for n in parameters}
        found = by_folded.get(written.lower())
        if found is None:
            from difflib import get_close_matches  # only an error pays for it

            near = get_close_matches(written.lower(), by_folded, n=1, cutoff=0.5) or [
                n for n in by_folded if n.startswith(written.lower())
            ]
            hint = f"Did you mean -{by_folded[near[0]]}? Names are written in full. " if near else ""
            raise UsageError(f"{self.name} has no parameter -{written}", hint=hint + self._usage())
        parameter = parameters[found]
        if found in self.named:
            raise UsageError(f"-{found} is given twice", hint=self._usage())
        self.named.add(found)
        if parameter.kind is Kind.SWITCH:
            if not colon or self._boolean(found, value):
                self.out.append(parameter.option)
            return
        if not colon:
            if not self.left or (self.left[0].startswith("-") and parameter.kind is Kind.BOOLEAN):
                hint = LOST_DOLLAR if parameter.kind is Kind.BOOLEAN else self._usage()
                raise UsageError(f"-{found} needs {parameter.kind.value}", hint=hint)
            value = self.left.pop(0)
        self._emit(found, parameter, value)

    def _emit(self, name: str, parameter: Parameter, value: str) -> None:
        if parameter.kind is Kind.BOOLEAN:
            self.out.append(parameter.option if self._boolean(name, value) else parameter.negated)
        else:
            self.out += [parameter.option, "" if value.lower() == "$null" else value]

    def _boolean(self, name: str, value: str) -> bool:
        found = _BOOLEANS.get(value.strip().lower())
        if found is None:
            hint = LOST_DOLLAR if not value.strip() else ""
            raise UsageError(f"-{name} takes true or false, not {value!r}", hint=hint)
        return found

    def _usage(self) -> str:
        names = " ".join(f"[-{name}]" for name in self.cmdlet.parameters)
        return f"Usage: {self.name} {names}".rstrip()


_VALUED = frozenset(
    {
        "--workspace",
        "--dn",
        "--distinguished-name",
        "--json-format",
        "--output",
        "--report-dir",
        "--customized-sync-cycle-interval",
        "--next-sync-cycle-policy-type",
        "--purge-run-history-interval",
    }
)
"""Our own options that take a value and may stand beside PowerShell parameters."""


LOST_DOLLAR = (
    "In sh and bash write '$false' in quotes, or false: unquoted, the shell takes $false for an empty variable."
)
