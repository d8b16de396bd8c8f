"""One table for all functions but those on certificates: what they give, and what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.catalogue import functions
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.values import FlowSignal, Reference

SID = bytes.fromhex("010500000000000515000000010000000200000003000000e8030000")
ATTRIBUTES = {
    "dn": "CN=Ann\\, Dr.,OU=Sales+L=x,DC=contoso,DC=com",
    "sn": "Lee",
    "blank": "  x\u00a0",
    "empty": "",
    "emoji": "a😀b",
    "many": ("b", "a", "b"),
    "members": (Reference("CN=A"), Reference("CN=B")),
    "bin": b"\x01\x02\x03",
    "bins": (b"\x00", b"\x01"),
    "manager": Reference("CN=Boss"),
    "number": 7,
    "flag": False,
    "sid": SID,
    "numbers": (3, 4),
}
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def date(*parts: int) -> datetime:
    """Return a moment in UTC."""
    return datetime(*parts, tzinfo=UTC)


TABLE = [
    # text
    ('LCase("ÄÖİßΣ")', "äöİßσ"),
    ('UCase("straße ı")', "STRAßE ı"),
    ("UCase([absent])", None),
    ("Trim([blank])", "x"),
    ('LTrim(" a ")', "a "),
    ('RTrim(" a ")', " a"),
    ('Trim("\x1ca\x1c")', "\x1ca\x1c"),
    ("Trim([many])", ("b", "a", "b")),
    ("Left([emoji],2)", "a"),
    ("Left([emoji],3)", "a😀"),
    ("Right([emoji],2)", "b"),
    ("Right([emoji],3)", "😀b"),
    ("Len([emoji])", 4),
    ("Len([bin])", 3),
    ("Len([absent])", None),
    ("Len([many])", (1, 1, 1)),
    ("Mid([emoji],2,2)", "😀"),
    ("Mid([sn],2)", "ee"),
    ("Mid([sn],9,0)", ""),
    ("Mid([bin],2,1)", b"\x02"),
    ("Mid([bin],2)", b"\x02\x03"),
    ("Mid([bin],9,1)", b"\x01\x02\x03"),
    ('PadLeft([sn],5,"*")', "**Lee"),
    ('PadRight([sn],5,"*")', "Lee**"),
    ('PadLeft([sn],-5,"*")', "Lee"),
    ("PadLeft([sn],5,[absent])", None),
    ('PCase("o\'neil mary-jane mcDONALD")', "O'neil Mary-Jane Mcdonald"),
    ('PCase("O\'NEIL IBM ibm 1st")', "O'neil IBM Ibm 1St"),
    ('InStr("abc","C",1,vbTextCompare)', 3),
    ('InStr("abc","C")', 0),
    ('InStr("abc","")', 1),
    ('InStr("abc","c",4)', 0),
    ('InStr([emoji],"b")', 4),
    ('InStr([absent],"b")', 0),
    ('InStr("b",[absent])', None),
    ('InStrRev("abab","ab",3)', 1),
    ('InStrRev("abab","AB",-1,vbTextCompare)', 3),
    ('InStrRev("abab","ab",9)', 0),
    ('InStrRev([absent],"ab")', 0),
    (r'Replace("a\tb","\t","-")', r"a\tb"),
    ('Replace("a\tb","\\t","-")', "a-b"),
    ('Replace("aaa","a","bb")', "bbbbbb"),
    ('Replace("aXa","x","b")', "aXa"),
    ('ReplaceChars("ab","a:x, b:yy")', "xyy"),
    ('ReplaceChars("ab","a:1,a:2")', "1b"),
    ('Word("a,,b",2,",")', "b"),
    ('Word("a-b_c",3,"_-")', "c"),
    ('Word("ab",1,"")', "ab"),
    ('Word("ab",2,"")', ""),
    ("Len(Guid())", 36),
    # numbers
    ("BitAnd(-1,&HFF)", 255),
    ("BitOr(-8,1)", -7),
    ("BitAnd([absent],1)", None),
    ("IsBitSet(6,4)", True),
    ("IsBitSet(6,1)", False),
    ("RandomNum(5,5)", 5),
    ("RandomNum(1,3) > 0", True),
    # choosing and asking
    ("IIF(NULL,1,2)", 2),
    ('IIF([many] = "b",[many],NULL)', ("b", "b")),
    ('IIF([many] = "b","yes","no")', ("yes", "no", "yes")),
    ('IIF([many] = "x",Error("never"),[many])', ("b", "a", "b")),
    ('IIF([many] = "b",IgnoreThisFlow,IgnoreThisFlow)', FlowSignal.IGNORE),
    ('IIF([many] = "b",IgnoreThisFlow,NULL)', FlowSignal.IGNORE),
    ('Switch([many] = "b",1,[many] = "a",2)', (1, 2, 1)),
    ('Switch(False,Error("never"),NULL,1,True,"end")', "end"),
    ("Switch(False,1)", None),
    ('IIF([many] = "b",NULL,IIF([many] = "a","x",NULL))', ("x",)),
    ('IIF([many] = "a","x",Left(IIF([many] = "a","y",NULL),1))', ("x",)),
    ('IIF([many] = "b",IIF([many] = "b","x",NULL) & "!",[many])', ("x!", "a", "x!")),
    ('Count(IIF(True,IIF([many] = "b",NULL,"x"),1))', 1),
    ("IsNull([absent])", True),
    ("IsNull([empty])", False),
    ("IsEmpty([empty])", True),
    ("IsEmpty([absent])", False),
    ("IsNullOrEmpty([empty])", True),
    ("IsNullOrEmpty([flag])", False),
    ("IsPresent([flag])", True),
    ("IsPresent([bin])", True),
    ("IsPresent([manager])", True),
    ("IsPresent([members])", True),
    ("IsPresent([empty])", False),
    ('ImportedValue("sn")', "Lee"),
    # lists
    ('Contains([many],"A",CaseInsensitive)', 2),
    ('Contains([many],"A",CaseSensitive)', 0),
    ('Contains([members],CRef("CN=B"))', 2),
    ('Contains([members],"cn=b")', 0),
    ('Contains([absent],"a")', 0),
    ("Count([many])", 3),
    ("Count([absent])", 0),
    ("Count([bins])", 2),
    ('ValueCount("sn")', 1),
    ('ValueCount("many")', 3),
    ('ValueCount("absent")', 0),
    ("Item([many],2)", "a"),
    ("ItemOrNull([many],0)", None),
    ("ItemOrNull([absent],1)", None),
    ("Item([bins],2)", b"\x01"),
    ("Join([many],NULL)", "bab"),
    ("Join([absent])", None),
    ('Split("a,b,c",",",2)', ("a", "b,c")),
    ('Split("a,b,c",",",-1)', ("a", "b", "c")),
    ('Split("a,b",",",0)', None),
    ('Split("a,,b",",")', ("a", "", "b")),
    ("RemoveDuplicates([many])", ("b", "a")),
    ("RemoveDuplicates(Select($v,[members],CRef(LCase(CStr($v)))))", (Reference("CN=A"), Reference("CN=B"))),
    ('Select($v,[many],IIF($v="b",NULL,$v & "!"))', ("a!",)),
    ('Select($v,[many],Split($v & ",x",","))', ("b", "x", "a", "x", "b", "x")),
    ("Select($v,[absent],$v)", None),
    ("Select($v,[numbers],$v*2)", (6, 8)),
    ('Where($v,[many],$v<>"b")', ("a",)),
    ('Where($v,[many],$v="z")', None),
    ("Where($v,[many],Count(Where($w,[many],$w=$v))=1)", ("a",)),
    ('With($a,"x",$a & $a)', "xx"),
    ('With($a,Error("never read"),"x")', "x"),
    ('With($a,"x",With($b,$a & "y",With($a,$b & "z",$a & $b)))', "xyzxy"),
    ('Select($v,[many],With($w,$v & "!",$w & $w))', ("b!b!", "a!a!", "b!b!")),
    ("With($all,Select($v,[many],UCase($v)),Select($v,$all,$v & Count($all)))", ("B3", "A3", "B3")),
    # conversion
    ("CBool(-1)", True),
    ("CBool(0)", False),
    ('CBool(" TRUE ")', True),
    ('CBool("0")', False),
    ("CBool([absent])", False),
    ('CNum(" -12 ")', -12),
    ("CNum([bin])", 0x030201),
    ("CNum([number])", 7),
    ("CNum([absent])", None),
    ("CStr(5)", "5"),
    ("CStr([manager])", "CN=Boss"),
    ("CStr([flag])", "False"),
    ('CRef("CN=x")', Reference("CN=X")),
    ("CRef([manager])", Reference("CN=Boss")),
    ("CRef([absent])", None),
    ('CGuid("{00010203-0405-0607-0809-0a0b0c0d0e0f}")', bytes.fromhex("03020100050407060809 0a0b0c0d0e0f")),
    ('StringFromGuid(CGuid("{00010203-0405-0607-0809-0A0B0C0D0E0F}"))', "00010203-0405-0607-0809-0a0b0c0d0e0f"),
    ("StringFromSid([sid])", "S-1-5-21-1-2-3-1000"),
    ('ConvertToBase64("é")', "6QA="),
    ("ConvertToBase64([bins])", ("AA==", "AQ==")),
    ('ConvertFromBase64("w6k=",UTF8)', "é"),
    ('ConvertFromBase64("w6k=","ASCII")', "??"),
    ('ConvertFromBase64("6QA=",Unicode)', "é"),
    ('ConvertToUTF8Hex("é")', "C3A9"),
    ('ConvertFromUTF8Hex("c3A9")', "é"),
    ("CBin(258,2)", b"\x02\x01"),
    ("CBin(-1,8)", b"\xff" * 8),
    ('IsNumeric(" 5")', True),
    ('IsNumeric("5.0")', False),
    ("IsNumeric(True)", False),
    ("IsNumeric([bin])", True),
    ("IsNumeric([absent])", False),
    ("IsNumeric([many])", False),
    ("IsDate(Now())", True),
    ('IsDate("2001-02-30")', False),
    ("IsDate([number])", False),
    ("IsString([bin])", False),
    ("IsString([many])", True),
    ("IsString([absent])", False),
    ("IsGuid([absent])", False),
    # dates
    ('CDate("2013-01-10 4:00 PM -8")', date(2013, 1, 11)),
    ('CDate("12/25/2007 13:30:15.1234567")', date(2007, 12, 25, 13, 30, 15, 123456)),
    ('CDate("25 Dec 2007 12 AM")', date(2007, 12, 25)),
    ('CDate("December 25, 2007 12:05 p")', date(2007, 12, 25, 12, 5)),
    ('CDate("Tue, 25 Dec 2007 10:00:00 GMT")', date(2007, 12, 25, 10)),
    ('CDate("2007-12-25T10:00:00+05:30")', date(2007, 12, 25, 4, 30)),
    ('CDate("2007-12-25T10:00:00Z")', date(2007, 12, 25, 10)),
    ('CDate("1/2/29")', date(2029, 1, 2)),
    ('CDate("1/2/30")', date(1930, 1, 2)),
    ("CDate([absent])", None),
    ("DateFromNum(0)", date(1601, 1, 1)),
    ("NumFromDate(DateFromNum(129699324000000010))", 129699324000000010),
    ('DateAdd("yyyy",-1,CDate("2004-02-29"))', date(2003, 2, 28)),
    ('DateAdd("m",-2,CDate("2004-01-31"))', date(2003, 11, 30)),
    ('DateAdd("q",5,CDate("2004-01-31"))', date(2005, 4, 30)),
    ('DateAdd("y",1,CDate("2004-12-31"))', date(2005, 1, 1)),
    ("Now()", NOON),
    ('FormatDateTime(CDate("2007-02-03 04:05:06.07"),"d/M/yy h:m:s.ff tt")', "3/2/07 4:5:6.07 AM"),
    ('FormatDateTime(CDate("2007-02-03 14:05"),"dddd, dd MMMM yyyy hh:mm t")', "Saturday, 03 February 2007 02:05 P"),
    ('FormatDateTime(CDate("2007-02-03"),"ddd MMM y K zzz zz z")', "Sat Feb 7 Z +00:00 +00 +0"),
    ('FormatDateTime(CDate("2007-02-03"),"\'day\' d \\\\d %d")', "day 3 d 3"),
    ('FormatDateTime(CDate("2007-02-03 00:00:01.5"),"s.FFF")', "1.5"),
    ('FormatDateTime(CDate("2007-02-03 00:00:01"),"ss.FFF")', "01"),
    ('FormatDateTime(CDate("2007-02-03"),"s")', "2007-02-03T00:00:00"),
    ('FormatDateTime(CDate("2007-02-03"),"o")', "2007-02-03T00:00:00.0000000Z"),
    # names
    ("DNComponent([dn],1)", "Ann\\, Dr."),
    ("DNComponent(CRef([dn]),2)", "Sales+L=x"),
    ("DNComponentRev(CRef([dn]),1)", "com"),
    ("DNComponentRev(CRef([dn]),1,DC)", "Sales+L=x"),
    ("DNComponent(CRef([absent]),1)", None),
    ('DNComponent("CN=a",1)', "a"),
    ('EscapeDNComponent("cn=Lee, Ann")', "cn=Lee\\, Ann"),
    ('EscapeDNComponent("#1 <a>;\\"b\\"+c\\\\ ")', '\\#1 \\<a\\>\\;\\"b\\"\\+c\\\\\\ '),
    ('EscapeDNComponent(" ")', "\\ "),
    ("EscapeDNComponent([absent])", None),
    # operators
    ('"a" & 1 & True & [manager] & [absent]', "a1TrueCN=Boss"),
    ("[bin] & [bin]", b"\x01\x02\x03\x01\x02\x03"),
    ("[absent] & [absent]", ""),
    ("7/2", 3),
    ("-7/2", -3),
    ("-[number]", -7),
    ("-[absent]", None),
    ("[absent] + 1", None),
    ("[numbers] + 1", (4, 5)),
    ("[absent] <> 1", False),
    ("NULL = NULL", False),
    ('"a" < "b"', True),
    ('CDate("2001-01-01") <= Now()', True),
    ('[manager] = CRef("cn=boss")', True),
    ("[bin] <> [bin]", False),
    ("NULL || True", True),
    ("True && NULL", False),
    ('True || Error("never")', True),
    ('False && Error("never")', False),
    ("True || False && False", False),
    ('[many] = "b" || [many] = "a"', (True, True, True)),
    ('[many] = "b" && True', (True, False, True)),
    ('False || [many] = "b"', (True, False, True)),
    ("1 = 1 = True", True),
    ("9223372036854775807 - 1 + 1", 2**63 - 1),
    ("-9223372036854775808", -(2**63)),
    ("&HFFFFFFFFFFFFFFFF", -1),
]


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_expression_gives(text: str, expected: object) -> None:
    """Each row gives its value, of its very type, untraced and traced."""
    expression = compile_expression(text)
    for value in (
        expression.evaluate(Context(ATTRIBUTES, now=NOON)),
        expression.trace(Context(ATTRIBUTES, now=NOON))[0],
    ):
        assert value == expected
        assert type(value) is type(expected)


REFUSED = [
    ("Item([many],0)", "Item 0 is out of bounds: there are 3 values"),
    ("Item([absent],1)", "Item 1 is out of bounds: there are 0 values"),
    ("Item([sn],1)", "Item takes a multi-valued attribute as argument 1 (values), not a text"),
    ("Select($v,[sn],$v)", "a multi-valued attribute is needed here, not a text"),
    ("Left([number],1)", "Left takes a text as argument 1 (text), not a number"),
    ("Left([manager],1)", "Left takes a text as argument 1 (text), not a reference"),
    ("Len([flag])", "Len takes a text or a binary value as argument 1 (text), not True or False"),
    ("Trim([numbers])", "Trim takes a text as argument 1 (text), not a number"),
    ('Contains([bins],"a")', "Contains searches texts and references, not a binary value"),
    ("[many] & [numbers]", "lists of 2 and 3 values cannot be combined value by value"),
    (
        'IIF([many] = "b",[numbers],NULL)',
        "a condition about 3 values cannot choose among 2; both must be the same attribute",
    ),
    ('IIF([many] = "b",IgnoreThisFlow,"x")', "IgnoreThisFlow cannot be one of several values"),
    ('IIF([many] = "b",IgnoreThisFlow,AuthoritativeNull)', "AuthoritativeNull cannot be one of several values"),
    ("IIF([number],1,2)", "True or False is needed here, not a number; compare it, or use CBool"),
    ("Switch([number],1)", "True or False is needed here, not a number; compare it, or use CBool"),
    ("Switch(True,1,False)", "Switch takes pairs of a condition and a value; one argument is left over"),
    ("[flag] || [number]", "True or False is needed here, not a number; compare it, or use CBool"),
    ("[number] = [sn]", "a number cannot be compared with a text"),
    ("[flag] = 1", "True or False cannot be compared with a number"),
    ("[flag] < [flag]", "True or False is neither less nor greater than another; only = and <> compare it"),
    ("[bin] & [sn]", "a binary value cannot be joined with a text; ConvertToBase64 makes it a text"),
    ("[sn] + [sn]", "+ computes with numbers, not with a text; & joins texts"),
    ("[number] - [flag]", "- computes with numbers, not with True or False"),
    ("-[sn]", "- computes with numbers, not with a text"),
    ("[number] / 0", "division by zero"),
    ("9223372036854775807 + [number]", "the result does not fit 64 bits"),
    ("-9223372036854775808 / -1", "the result does not fit 64 bits"),
    ("%Nowhere%", "the parameter %Nowhere% is not defined"),
    ('PadLeft("a",5,"xy")', "the padding must be exactly one character"),
    ('PadLeft("a",1048577,"x")', "the result has 1048577 characters; at most 1048576 are made"),
    ('Replace("a","","b")', "the text to replace is empty"),
    ('Split("a","")', "the delimiter must be exactly one character"),
    ('ReplaceChars("a","ab:c")', 'each entry of the pattern is one character, ":" and its replacement'),
    ('ReplaceChars("a","")', 'each entry of the pattern is one character, ":" and its replacement'),
    ('InStr("a","a",0)', "a search starts at position 1 or later"),
    ('InStrRev("a","a",0)', "a search starts at position 1 or later, or at -1 for the end"),
    ("RandomNum(2,1)", "the upper limit is below the lower one"),
    ('CNum("1.5")', "the text is not a whole number of 64 bits"),
    ('CNum("9223372036854775808")', "the text is not a whole number of 64 bits"),
    ('CNum("١")', "the text is not a whole number of 64 bits"),
    ('CBool("yes")', "the text is not a whole number of 64 bits"),
    ("CStr([bin])", "a binary value is no text; ConvertToBase64 makes it one"),
    ('CGuid("1")', "the text is not a GUID"),
    ("StringFromGuid([bin])", "a GUID has 16 bytes, this value 3"),
    ("StringFromSid([bin])", "the value is not a security identifier"),
    ('ConvertFromBase64("a")', "the text is not base64"),
    ('ConvertFromUTF8Hex("1")', "the text is not hexadecimal"),
    ("CBin(256,1)", "the number does not fit 1 bytes"),
    ("CBin(1,9)", "a number becomes one to eight bytes"),
    ('CDate("4:00 PM")', "the text is not a date"),
    ('CDate("2001-02-29")', "the text is not a date: a part of it is out of range"),
    ('CDate("2001-01-01 13 PM")', "the text is not a date: a part of it is out of range"),
    ('CDate("2001-01-01 13")', "the text is not a date: an hour needs its minutes, or AM or PM"),
    ('CDate("0001-01-01 00:00 +1")', "the text is not a date: a part of it is out of range"),
    ("DateFromNum(-1)", "the number is not a date between the years 1601 and 9999"),
    ("DateFromNum(9223372036854775807)", "the number is not a date between the years 1601 and 9999"),
    ('NumFromDate(CDate("1600-12-31"))', "AD keeps no date before the year 1601"),
    ('DateAdd("x",1,Now())', "the interval is none of yyyy, q, m, y, d, w, ww, h, n, s"),
    ('DateAdd("s",9223372036854775807,Now())', "the date is beyond the years 1 to 9999"),
    ('DateAdd("m",9223372036854775807,Now())', "the date is beyond the years 1 to 9999"),
    ('FormatDateTime(Now(),"")', "a date format has 1 to 1000 characters"),
    ('FormatDateTime(Now(),"j")', "a date format of one character is a standard format, and this is none"),
    ('FormatDateTime(Now(),"yyyy\'")', "the date format has a quote, backslash or % without its counterpart"),
    ('FormatDateTime(Now(),"ffffffff")', "a date format has at most seven digits of a second"),
    ("DNComponent([dn],9)", "component 9 is out of bounds: the name has 4 to count"),
    ('DNComponent("x",1)', "this component of the name has no ="),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_expression_fails_with(text: str, message: str) -> None:
    """Each row fails when it is evaluated, with this message and a place inside the text."""
    expression = compile_expression(text)
    with pytest.raises(EvaluationError) as caught:
        expression.evaluate(Context(ATTRIBUTES, now=NOON))
    assert caught.value.message == message
    assert 0 <= caught.value.start < caught.value.end <= len(text)
    traced, _ = expression.trace(Context(ATTRIBUTES, now=NOON))
    assert isinstance(traced, EvaluationError)
    assert (traced.message, traced.start, traced.end) == (message, caught.value.start, caught.value.end)


def test_codes_are_those_of_the_product() -> None:
    """Error() and names out of bounds have their documented codes, everything else is unexpected-error."""
    codes = {
        'Error("x")': "sync-rule-error-function-triggered",
        "DNComponent([dn],9)": "dn-index-out-of-bounds",
        'DNComponent("x",1)': "cannot-parse-dn-component",
        "1/0": "unexpected-error",
    }
    for text, code in codes.items():
        with pytest.raises(EvaluationError) as caught:
            compile_expression(text).evaluate(Context(ATTRIBUTES))
        assert caught.value.code == code


def test_error_points_at_the_part_that_failed() -> None:
    """The place is that of the innermost part, not of the whole expression."""
    text = "IIF(True, Left(Item([many], 9), 3), NULL)"
    with pytest.raises(EvaluationError) as caught:
        compile_expression(text).evaluate(Context(ATTRIBUTES))
    assert text[caught.value.start : caught.value.end] == "Item([many], 9)"


def test_imported_value_reads_what_an_import_confirmed() -> None:
    """ImportedValue ignores what is only pending; without a separate view both are the same."""
    expression = compile_expression('ImportedValue("sn") & [sn]')
    assert expression.evaluate(Context({"sn": "new"}, {"sn": "old"})) == "oldnew"
    assert expression.evaluate(Context({"sn": "new"}, {})) == "new"
    assert expression.evaluate(Context({"sn": "new"})) == "newnew"


def test_random_numbers_stay_in_their_interval_and_differ() -> None:
    """Both limits are possible, nothing beyond them is, and the result is not computed once for all."""
    expression = compile_expression("RandomNum(1,3)")
    assert {expression.evaluate(Context({})) for _ in range(200)} == {1, 2, 3}


def test_guids_differ() -> None:
    """Guid() is not computed once for all."""
    expression = compile_expression("Guid()")
    assert expression.evaluate(Context({})) != expression.evaluate(Context({}))


def test_now_is_one_moment_for_an_object() -> None:
    """Two flows of one object see the same time, also when nobody gave one."""
    context = Context({})
    expression = compile_expression("Now()")
    assert expression.evaluate(context) == expression.evaluate(context)


def test_thumbprint_is_sha256() -> None:
    """The hash of a device key is the one that a key credential has as identifier."""
    import hashlib

    assert (
        compile_expression("Thumbprint([bin])").evaluate(Context(ATTRIBUTES))
        == hashlib.sha256(b"\x01\x02\x03").digest()
    )


def test_device_key_rule_builds_its_blob() -> None:
    """The one shipped flow with CNum, CBin and Thumbprint on binary slices inserts length, type and hash."""
    import hashlib

    text = (
        "IIF(CNum(Mid([k],1,1))=0, Mid([k],1,7+CNum(Mid([k],5,2))) & CBin(Len(Thumbprint(Mid([k],8+CNum(Mid([k],5,2)),"
        "Len([k])))),2) & CBin(2,1) & Thumbprint(Mid([k],8+CNum(Mid([k],5,2)),Len([k]))) & Mid([k],8+CNum(Mid([k],5,2)),"
        "Len([k])), NULL)"
    )
    key = bytes([0, 2, 0, 0, 3, 0, 1]) + b"abc" + b"rest of it"
    rest = key[10:]
    expected = key[:10] + b"\x20\x00" + b"\x02" + hashlib.sha256(rest).digest() + rest
    assert compile_expression(text).evaluate(Context({"k": key})) == expected


def test_every_function_has_a_row_or_a_test_of_its_own() -> None:
    """A new function without a test is noticed; certificates have a file of their own."""
    covered = " ".join([text for text, _ in (*TABLE, *REFUSED)]) + "Error( Thumbprint("
    missing = [info.name for info in functions() if info.group != "certificates" and f"{info.name}(" not in covered]
    assert missing == []


def test_cref_takes_no_number_wherever_it_stands() -> None:
    """A defect that fuzzing found: CStr(CRef(…)) skipped the check of CRef when it was not traced."""
    for text in ("CStr(CRef([number]))", "DNComponent(CRef([number]),[absent])"):
        with pytest.raises(EvaluationError, match="CRef takes a text or a reference"):
            compile_expression(text).evaluate(Context(ATTRIBUTES))
