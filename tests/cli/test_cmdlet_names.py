"""Lines copied from Microsoft's documentation work, in any letter case; what they do not mean is refused."""

from __future__ import annotations

import pytest

from adsyncdiag.cli.cmdlets import translate
from adsyncdiag.errors import UsageError

DN = "CN=Ann,OU=corp,DC=contoso,DC=com"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["Invoke-ADSyncSingleObjectSync", "-DistinguishedName", DN, "-StagingMode"], ["single-object-sync", "--dn", DN, "--staging-mode", "--json-format", "cmdlet"]),
        (["INVOKE-adsyncsingleobjectsync", "-distinguishedname", DN, "-NOHTMLREPORT"], ["single-object-sync", "--dn", DN, "--no-html-report", "--json-format", "cmdlet"]),
        (["Invoke-ADSyncSingleObjectSync", DN], ["single-object-sync", "--dn", DN, "--json-format", "cmdlet"]),
        (["Invoke-ADSyncSingleObjectSync", f"-DistinguishedName:{DN}"], ["single-object-sync", "--dn", DN, "--json-format", "cmdlet"]),
        (["Invoke-ADSyncSingleObjectSync", DN, "-StagingMode:$false"], ["single-object-sync", "--dn", DN, "--json-format", "cmdlet"]),
        (["Invoke-ADSyncSingleObjectSync", DN, "-StagingMode:$true"], ["single-object-sync", "--staging-mode", "--dn", DN, "--json-format", "cmdlet"]),
        (["Invoke-ADSyncSingleObjectSync", DN, "--json-format", "graph"], ["single-object-sync", "--json-format", "graph", "--dn", DN]),
        (["Invoke-ADSyncSingleObjectSync", DN, "--workspace", "w"], ["single-object-sync", "--workspace", "w", "--dn", DN, "--json-format", "cmdlet"]),
        (["Get-ADSyncScheduler"], ["get-scheduler"]),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled", "$false"], ["set-scheduler", "--no-sync-cycle-enabled"]),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled:1"], ["set-scheduler", "--sync-cycle-enabled"]),
        (["Set-ADSyncScheduler", "-customizedsynccycleinterval", "03:00:00", "-MaintenanceEnabled", "False"], ["set-scheduler", "--customized-sync-cycle-interval", "03:00:00", "--no-maintenance-enabled"]),
        (["Set-ADSyncScheduler", "-CustomizedSyncCycleInterval", "$null"], ["set-scheduler", "--customized-sync-cycle-interval", ""]),
        (["Set-ADSyncScheduler", "03:00:00", "true", "Initial"], ["set-scheduler", "--customized-sync-cycle-interval", "03:00:00", "--sync-cycle-enabled", "--next-sync-cycle-policy-type", "Initial"]),
        (["Set-ADSyncScheduler", "-Force"], ["set-scheduler", "--force"]),
        (["single-object-sync", "--dn", DN], ["single-object-sync", "--dn", DN]),
        ([], []),
    ],
)  # fmt: skip
def test_a_powershell_line_becomes_the_command(line: list[str], expected: list[str]) -> None:
    """Names, values, switches, colons and positions mean what PowerShell means by them."""
    assert translate(line) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            ["Invoke-ADSyncSingleObjectSync", "-Distinguished", DN],
            "Did you mean -DistinguishedName? Names are written in full.",
        ),
        (["Invoke-ADSyncSingleObjectSync", "-Dist", DN], "Did you mean -DistinguishedName?"),
        (["Invoke-ADSyncSingleObjectSync", "-Nonsense"], "has no parameter -Nonsense"),
        (["Invoke-ADSyncSingleObjectSync", "-DistinguishedName"], "-DistinguishedName needs a value"),
        (["Invoke-ADSyncSingleObjectSync", DN, "second"], "does not know what to do with 'second'"),
        (["Invoke-ADSyncSingleObjectSync", "-DistinguishedName", DN, "-distinguishedname", DN], "given twice"),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled"], "In sh and bash write '$false' in quotes"),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled", "-Force"], "In sh and bash write '$false' in quotes"),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled:"], "In sh and bash write '$false' in quotes"),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled", "maybe"], "takes true or false, not 'maybe'"),
    ],
)
def test_a_line_that_means_nothing_says_what_would(line: list[str], message: str) -> None:
    """Abbreviations, lost dollar signs and unknown names are usage errors that help, never a silent True."""
    with pytest.raises(UsageError) as caught:
        translate(line)
    assert message in str(caught.value)
    assert caught.value.exit_code == 2
