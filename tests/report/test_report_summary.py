"""The summary for a terminal."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from adsyncdiag.model.trace import SyncRecord
from adsyncdiag.report.as_text import summary


def test_failure_in_a_few_lines(samples: ModuleType) -> None:
    """A failure says the step, the object, the code, why and what to do, in this order."""
    lines = summary(samples.excluded(), colour=False).splitlines()
    assert lines[0] == "FAILURE  Failed at step 3 of 10: Organizational unit is in sync scope (1.7 s)"
    labels = [line.split()[0] for line in lines if line[2] != " "]
    assert labels == ["FAILURE", "object", "code", "why", "do", "more", "changes"]
    assert "  code    container-excluded" in lines
    assert max(map(len, lines)) <= 100


def test_success_names_the_changes_and_the_report(samples: ModuleType) -> None:
    """A success says what was modified and where the report is."""
    text = summary(samples.success(), colour=False, report="/srv/reports/a.htm")
    assert "SUCCESS  Updated in Microsoft Entra ID (1.7 s)" in text
    assert "  object  User Nora Berg, CN=Nora Berg,OU=corp,DC=contoso,DC=com" in text
    assert "  changes 4 modified properties: department, mail, proxyAddresses, telephoneNumber" in text
    assert "  report  /srv/reports/a.htm" in text


def test_staging_and_warnings(samples: ModuleType) -> None:
    """Staging mode is said in the first line; warnings and trouble that ended nothing have lines of their own."""
    assert "[staging mode]" in summary(samples.staging(), colour=False).splitlines()[0]
    assert "  warning The suffix contoso.local" in summary(samples.created(), colour=False)
    assert "  step 8  Warning: The tenant did not answer" in summary(samples.conflict(), colour=False)


def test_colour_only_when_asked(samples: ModuleType) -> None:
    """Without colour there is no escape at all; with it only the verdict has one."""
    assert "\x1b" not in summary(samples.conflict(), colour=False)
    coloured = summary(samples.conflict(), colour=True)
    assert coloured.startswith("\x1b[1;31mFAILURE\x1b[0m")
    assert coloured.count("\x1b") == 2


def test_values_cannot_command_the_terminal(record: SyncRecord) -> None:
    """No control character, override or line break of a value reaches the terminal."""
    text = summary(record, colour=False)
    assert all(line.isprintable() for line in text.split("\n"))
    text.encode("utf-8")


def test_hidden_characters_are_escapes(samples: ModuleType) -> None:
    """What is hidden is shown as its escape."""
    named = replace(samples.success().source_identity, display_name="a\x1b[2Jb\u202ec\nd")
    assert r"a\x1b[2Jb\u202ec\nd" in summary(replace(samples.success(), source_identity=named), colour=False)


def test_a_value_of_any_length_is_cut(samples: ModuleType) -> None:
    """A reason that quotes a megabyte does not flood the terminal."""
    record = samples.excluded()
    failure = record.failure._replace(reason="x" * 1_000_000)
    text = summary(replace(record, failure=failure, steps=samples.ten(3, failure)), colour=False)
    assert len(text) < 5000
