"""`test-expression` and `functions` at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adsyncdiag.cli.app import run

DATA = Path(__file__).resolve().parent.parent / "data"


def said(capsysbinary: Any, *words: str) -> tuple[int, str, str]:
    """Run a command line in process: exit code, standard output, standard error."""
    code = run(list(words))
    out, err = capsysbinary.readouterr()
    return code, out.decode(), err.decode()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["Left(Trim([displayName]),3)", "--attribute", "displayName= Annabel "], "Ann"),
        (["[a] + 1", "--attribute", "a:=41"], "42"),
        (['Join([a],"-")', "--attribute", "a=x", "--attribute", "a=y"], "x-y"),
        (["IIF([a] = True,%P.Q%,NULL)", "--attribute", "a:=true", "--parameter", "P.Q=yes"], "yes"),
        (['ImportedValue("a")', "--attribute", "a=now", "--imported", "a=then"], "then"),
        (["ConvertToBase64([b])", "--attribute", 'b:={"$bin": "AAE="}'], "AAE="),
        (["[absent]"], "NULL"),
        (["IgnoreThisFlow"], '"$flow": "IgnoreThisFlow"'),
    ],
)
def test_an_expression_is_evaluated_over_given_attributes(capsysbinary: Any, words: list[str], expected: str) -> None:
    """Text, numbers, booleans, binaries, several values, parameters and imported values can be given."""
    code, out, err = said(capsysbinary, "test-expression", *words)
    assert (code, err) == (0, "")
    assert expected in out


def test_carets_stand_under_the_call_that_failed(capsysbinary: Any) -> None:
    """Of an expression of several lines, the line of the call is shown with carets under the call."""
    code, _, err = said(capsysbinary, "test-expression", '[a] &\n  CNum("x")')
    assert code == 1
    assert err.splitlines()[1:] == ['    CNum("x")', "    ^^^^^^^^^"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["Trimm([x])"], 3, "Did you mean Trim?"),
        (["Left([x]"], 3, "^"),
        (["Item([x],3)", "--attribute", "x=a", "--attribute", "x=b"], 1, "out of bounds"),
        (['Error("no")'], 1, "no (sync-rule-error-function-triggered)"),
        (["1", "--attribute", "nonsense"], 2, "NAME=VALUE"),
        (["1", "--attribute", "x:={"], 2, "is not JSON"),
        ([], 2, "give an expression"),
        (["--file", "/nonexistent.jsonl"], 2, "cannot be read"),
    ],
)
def test_a_wrong_expression_says_where(capsysbinary: Any, words: list[str], code: int, message: str) -> None:
    """The message points into the text; the exit code tells wrong text, failing evaluation and wrong usage apart."""
    found, out, err = said(capsysbinary, "test-expression", *words)
    assert found == code
    assert message in err
    assert "Traceback" not in err
    assert out == ""


def test_the_trace_shows_every_part(capsysbinary: Any) -> None:
    """Each sub-expression is listed with its value, for people and for programs."""
    words = ("test-expression", "IIF(IsPresent([a]),UCase([a]),NULL)", "--attribute", "a=x", "--trace")
    _, table, _ = said(capsysbinary, *words)
    assert "UCase([a])" in table
    code, out, _ = said(capsysbinary, *words, "--json")
    document = json.loads(out)
    assert (code, document["value"]) == (0, "X")
    assert {"start": 19, "end": 29, "text": "UCase([a])", "value": "X"} in document["trace"]


def test_a_file_of_cases_is_a_test_suite(capsysbinary: Any, tmp_path: Path) -> None:
    """One JSON result a line; exit code 1 as soon as one case differs, 0 when all are as expected."""
    code, out, _ = said(capsysbinary, "test-expression", "--file", str(DATA / "expression-vectors.jsonl"))
    results = [json.loads(line) for line in out.splitlines()]
    assert len(results) == 232
    assert code == (0 if all(r["ok"] for r in results) else 1)
    wrong = tmp_path / "cases.jsonl"
    wrong.write_text('{"expression": "UCase([a])", "attributes": {"a": "x"}, "expect": "y"}\n', encoding="utf-8")
    code, out, _ = said(capsysbinary, "test-expression", "--file", str(wrong))
    assert (code, json.loads(out)["ok"]) == (1, False)


def test_every_function_has_a_manual_entry(capsysbinary: Any) -> None:
    """The list names all functions; each has an entry with its signature and its source."""
    _, out, _ = said(capsysbinary, "functions", "--json")
    listed = json.loads(out)
    assert len(listed) >= 89
    assert all(entry["summary"] for entry in listed)
    code, out, _ = said(capsysbinary, "functions", "Word")
    assert code == 0
    assert out.startswith("str Word(")
    assert "Source:" in out
    code, _, err = said(capsysbinary, "functions", "Wrod")
    assert code == 2
    assert "Word" in err


def test_no_workspace_is_needed_and_names_are_checked_on_request(capsysbinary: Any, tmp_path: Path) -> None:
    """Without --connector-name any attribute goes; with it an unknown one is refused with a suggestion."""
    assert said(capsysbinary, "lab", "init", str(tmp_path / "lab"))[0] == 0
    assert said(capsysbinary, "test-expression", "[mial]")[0] == 0
    checked = ("test-expression", "--workspace", str(tmp_path / "lab"), "--connector-name", "contoso.com")
    code, _, err = said(capsysbinary, *checked, "[mial]")
    assert code == 3
    assert "Did you mean [mail]?" in err
    assert said(capsysbinary, *checked, "--side", "mv", "[accountName]")[0] == 0
    dn = "CN=testobject,OU=corp,DC=contoso,DC=com"
    code, out, _ = said(
        capsysbinary,
        "test-expression",
        "--workspace",
        str(tmp_path / "lab"),
        "--object",
        dn,
        '[sAMAccountName] & "@" & %Domain.FQDN%',
    )
    assert (code, out) == (0, "testobject@contoso.com\n")
