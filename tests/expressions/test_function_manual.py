"""The manual: one entry for each function of the reference and of the shipped rules."""

from __future__ import annotations

import re
import subprocess
import sys

from adsyncdiag.expressions.catalogue import find, functions
from adsyncdiag.expressions.registry import FunctionInfo, Mode, closest

REFERENCE = [
    "CertExtensionOids",
    "CertFormat",
    "CertFriendlyName",
    "CertHashString",
    "CertIssuer",
    "CertIssuerDN",
    "CertIssuerOid",
    "CertKeyAlgorithm",
    "CertKeyAlgorithmParams",
    "CertNameInfo",
    "CertNotAfter",
    "CertNotBefore",
    "CertPublicKeyOid",
    "CertPublicKeyParametersOid",
    "CertSerialNumber",
    "CertSignatureAlgorithmOid",
    "CertSubject",
    "CertSubjectNameDN",
    "CertSubjectNameOid",
    "CertThumbprint",
    "CertVersion",
    "IsCert",
    "CBool",
    "CDate",
    "CGuid",
    "ConvertFromBase64",
    "ConvertToBase64",
    "ConvertFromUTF8Hex",
    "ConvertToUTF8Hex",
    "CNum",
    "CRef",
    "CStr",
    "StringFromGuid",
    "StringFromSid",
    "DateAdd",
    "DateFromNum",
    "FormatDateTime",
    "Now",
    "NumFromDate",
    "DNComponent",
    "DNComponentRev",
    "EscapeDNComponent",
    "IsBitSet",
    "IsDate",
    "IsEmpty",
    "IsGuid",
    "IsNull",
    "IsNullOrEmpty",
    "IsNumeric",
    "IsPresent",
    "IsString",
    "BitAnd",
    "BitOr",
    "RandomNum",
    "Contains",
    "Count",
    "Item",
    "ItemOrNull",
    "Join",
    "RemoveDuplicates",
    "Split",
    "Error",
    "IIF",
    "Select",
    "Switch",
    "Where",
    "With",
    "Guid",
    "InStr",
    "InStrRev",
    "LCase",
    "Left",
    "Len",
    "LTrim",
    "Mid",
    "PadLeft",
    "PadRight",
    "PCase",
    "Replace",
    "ReplaceChars",
    "Right",
    "RTrim",
    "Trim",
    "UCase",
    "Word",
]
UNDOCUMENTED = ["CBin", "ImportedValue", "Thumbprint", "ValueCount"]


def test_all_functions_of_the_reference_and_of_the_shipped_rules_are_there() -> None:
    """The 85 documented functions, the four that only rules show, and nothing invented."""
    assert len(REFERENCE) == 85
    assert {info.name for info in functions()} == {*REFERENCE, *UNDOCUMENTED}


def test_every_entry_says_what_where_from_and_how() -> None:
    """Each entry starts with one sentence, cites its source, and its signature has Microsoft's types only."""
    for info in functions():
        assert re.match(r"(Return|Say|Fail)\b.*[.:]$|(Return|Say|Fail)\b", info.summary), info.name
        assert "Source: " in info.manual, info.name
        assert re.fullmatch(r"(mv)?(var|void|str|num|bool|bin|ref|dt|mv)(\|bin)? \w+\(.*\)", info.signature), (
            info.signature
        )
        assert "lazy" not in info.signature
        assert "?" not in info.signature


def test_examples_in_the_manual_compile() -> None:
    """Whatever an entry shows as a call with literals or attributes is a call that works."""
    from adsyncdiag.expressions.compiler import compile_expression

    shown = 0
    for info in functions():
        for example in _examples(info):
            loose = "$item" in example and not info.binds_variable
            compile_expression(f"Select($item,[x],{example})" if loose else example)
            shown += 1
    assert shown > 60


def _examples(info: FunctionInfo) -> list[str]:
    """Return the calls of this function in its entry, with balanced parentheses and nothing left out."""
    found = []
    for match in re.finditer(rf"\b{info.name}\(", info.manual):
        depth, at = 0, match.end() - 1
        while at < len(info.manual):
            depth += {"(": 1, ")": -1}.get(info.manual[at], 0)
            at += 1
            if depth == 0:
                break
        text = " ".join(info.manual[match.start() : at].split())
        if "…" not in text and not re.search(r"\(\w*NULL\w*\)", text):
            found.append(text)
    return found


def test_arity_and_modes_come_from_the_signature() -> None:
    """Optional arguments, words, variables and endless pairs are read out of the signature."""
    instr, switch, select = find("InStr"), find("Switch"), find("Select")
    assert (instr.least, instr.most, instr.words) == (2, 4, ("vbTextCompare", "vbBinaryCompare"))
    assert (switch.least, switch.most) == (2, None)
    assert [switch.parameter(index).mode for index in (0, 1, 2, 3, 8, 9)] == [Mode.CONDITION, Mode.LAZY] * 3
    assert select.binds_variable
    assert find("trim") is None


def test_did_you_mean_prefers_another_case() -> None:
    """The wrong case is the most frequent mistake, since names are case-sensitive."""
    assert closest("GUID", ["Guid", "CGuid"]) == "Guid"
    assert closest("Contain", ["Count", "Contains"]) == "Contains"
    assert closest("xyz", ["Count"]) == ""


def test_cryptography_is_not_imported_before_a_certificate_is_read() -> None:
    """Starting up stays cheap: no heavy library comes with the compiler or the list of functions."""
    code = (
        "import sys; from adsyncdiag.expressions.catalogue import functions; functions();"
        "from adsyncdiag.expressions.compiler import compile_expression; compile_expression('CertVersion([c])');"
        "print([name for name in ('cryptography', 'orjson', 'pydantic') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
