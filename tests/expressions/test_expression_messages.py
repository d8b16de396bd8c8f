"""What an administrator reads when an expression is wrong: the sentence, the place, what to do."""

from __future__ import annotations

import pytest

from adsyncdiag.errors import ExpressionError
from adsyncdiag.expressions.compiler import NameCheck, compile_expression
from adsyncdiag.model.values import AttributeType, TypedName

NAMES = NameCheck(
    {
        name: TypedName(name, kind, many)
        for name, kind, many in (
            ("displayName", AttributeType.STRING, False),
            ("proxyAddresses", AttributeType.STRING, True),
            ("userAccountControl", AttributeType.NUMBER, False),
            ("objectGUID", AttributeType.BINARY, False),
            ("manager", AttributeType.REFERENCE, False),
            ("mailEnabled", AttributeType.BOOLEAN, False),
        )
    }
)


def message(text: str, rule: str = "", schema: NameCheck | None = None) -> str:
    """Return the whole message for an expression that does not compile."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, rule=rule, schema=schema)
    return str(caught.value)


EXACT = {
    "Trim([sn]": """\
"," or the ")" that ends Trim is expected here, not the end of the expression
  Trim([sn]
           ^""",
    "IIF([a] = 1,, 2)": """\
a value is expected here, not ","
  IIF([a] = 1,, 2)
              ^""",
    "[a] == 1": """\
a value is expected here, not the operator "="
  [a] == 1
       ^
Equal is written with one =.""",
    "[a] != 1": """\
! is no operator
  [a] != 1
      ^
Not equal is written <>; not is written X = False.""",
    "[a] And [b]": """\
an operator or the end is expected here, not "And"
  [a] And [b]
      ^^^
And is written &&.""",
    "[a] | [b]": """\
one | is no operator
  [a] | [b]
      ^
Or is written ||.""",
    "“x”": """\
this quote is not a straight double quote
  “x”
  ^
A text is written "text".""",
    '"C:\\"': """\
this text has no closing quote
  "C:\\"
  ^
A backslash before a quote makes it part of the text: one backslash is written "\\\\".""",
    "[sn": """\
this attribute has no name or no closing bracket
  [sn
  ^
An attribute is written [name].""",
    "[a]\u00a0= 1": """\
this blank (U+00A0) is not an ordinary one
  [a]\u00a0= 1
     ^
Type a blank, a tab or a line break.""",
    "%Domain": """\
this parameter has no closing %
  %Domain
  ^
A parameter is written %Name%, such as %Domain.FQDN%.""",
    "1.5": """\
numbers are whole: no decimal point
  1.5
   ^""",
    "1 + 9223372036854775808": """\
this number does not fit 64 bits
  1 + 9223372036854775808
      ^^^^^^^^^^^^^^^^^^^""",
    "&H + 1": """\
a hexadecimal number needs digits after &H
  &H + 1
  ^^""",
    "1 {2}": """\
the character '{' (U+007B) has no meaning here
  1 {2}
    ^""",
    "": """\
a value is expected here, not the end of the expression""",
    "trim([sn])": """\
unknown function trim
  trim([sn])
  ^^^^
Did you mean Trim?""",
    "IsNullEmpty([sn])": """\
unknown function IsNullEmpty
  IsNullEmpty([sn])
  ^^^^^^^^^^^
Did you mean IsNullOrEmpty?""",
    "Not(True)": """\
unknown function Not
  Not(True)
  ^^^
There is no Not: write X = False.""",
    "Frobnicate(1)": """\
unknown function Frobnicate
  Frobnicate(1)
  ^^^^^^^^^^
`adsyncdiag functions` lists all of them.""",
    "Left([sn])": """\
Left takes 2 arguments, not 1
  Left([sn])
  ^^^^^^^^^^
str Left(str text, num count)""",
    "Trim([sn],1)": """\
Trim takes 1 argument, not 2
  Trim([sn],1)
  ^^^^^^^^^^^^
str Trim(str text)""",
    'InStr("a")': """\
InStr takes 2 to 4 arguments, not 1
  InStr("a")
  ^^^^^^^^^^
num InStr(str text, str match[, num start[, enum compare]])""",
    "Switch(True)": """\
Switch takes at least 2 arguments, not 1
  Switch(True)
  ^^^^^^^^^^^^
var Switch(exp condition, var value, ...)""",
    "null": """\
unknown word null
  null
  ^^^^
Did you mean NULL?""",
    "mail": """\
unknown word mail
  mail
  ^^^^
An attribute is written [mail], a text "mail".""",
    "Trim & 1": """\
Trim is a function: its arguments are missing
  Trim & 1
  ^^^^
Write Trim(…).""",
    "Left(5,1)": """\
Left takes a text as argument 1 (text), not a number
  Left(5,1)
       ^
CStr(…) makes a number a text.""",
    'Left("a","1")': """\
Left takes a number as argument 2 (count), not a text
  Left("a","1")
           ^^^
CNum(…) makes a text a number.""",
    "IIF(BitAnd([x],2),1,0)": """\
IIF needs True or False as argument 1, not a number
  IIF(BitAnd([x],2),1,0)
      ^^^^^^^^^^^^^
Compare it, as in X <> 0, or use CBool(…).""",
    'Len("a") = "1"': """\
a number cannot be compared with a text by =
  Len("a") = "1"
  ^^^^^^^^^^^^^^
CNum(…) makes a text a number.""",
    '"a" + 1': """\
+ computes with numbers, not with a text
  "a" + 1
  ^^^
CNum(…) makes a text a number.""",
    'Now() & "x"': """\
a date cannot be joined by &
  Now() & "x"
  ^^^^^^^^^^^
FormatDateTime(…) makes a date a text.""",
    '"a" & [b] + 1': """\
+ would compute with the text that & gives
  "a" & [b] + 1
  ^^^^^^^^^^^^^
Operators are taken from left to right: write "a" & ([b] + 1).""",
    "Trim(IgnoreThisFlow)": """\
Trim takes a text as argument 1 (text), not IgnoreThisFlow or AuthoritativeNull
  Trim(IgnoreThisFlow)
       ^^^^^^^^^^^^^^
str Trim(str text)""",
    'ConvertFromBase64("",UTF16)': """\
ConvertFromBase64 takes one of these words here: Unicode, ASCII, UTF8
  ConvertFromBase64("",UTF16)
                       ^^^^^""",
    "ImportedValue([sn])": """\
ImportedValue takes an attribute's name in quotes
  ImportedValue([sn])
                ^^^^
Write "sn".""",
    "Select([x],[y],1)": """\
Select takes a variable such as $item first
  Select([x],[y],1)
         ^^^
mv Select(variable item, mv values, var body)""",
    "Select($item,[x],$itme)": """\
unknown variable $itme
  Select($item,[x],$itme)
                   ^^^^^
Did you mean $item?""",
    "Select($v,$v,1)": """\
unknown variable $v
  Select($v,$v,1)
            ^^
A variable is named first in Select, Where or With, and known inside it.""",
    'Count(Len("a"))': """\
Count takes a multi-valued attribute as argument 1 (values), not a single value
  Count(Len("a"))
        ^^^^^^^^
Item, Count, Join and the like work on several values.""",
}


@pytest.mark.parametrize("text", EXACT, ids=list(EXACT))
def test_message_is_exactly(text: str) -> None:
    """Each wrong expression has its sentence, its carets and its hint."""
    assert message(text) == EXACT[text]


def test_message_names_the_rule() -> None:
    """Whoever reads it knows which rule to open."""
    assert message("Trim(", rule="In from AD - User Common").startswith(
        "In from AD - User Common: a value is expected here"
    )


def test_message_shows_the_line_of_a_long_expression() -> None:
    """Newer exports break lines: the excerpt is the line that is wrong, not the whole text."""
    assert message("IIF(IsPresent([a]),\n\t  Trm([a]),\n\tNULL)") == (
        "unknown function Trm\n     Trm([a]),\n     ^^^\nDid you mean Trim?"
    )


TYPED = {
    "[displayname]": "unknown attribute [displayname]\n  [displayname]\n  ^^^^^^^^^^^^^\nDid you mean [displayName]?",
    "[zzz]": "unknown attribute [zzz]\n  [zzz]\n  ^^^^^\nThe schema has no attribute of this name.",
    'ValueCount("member")': 'unknown attribute [member]\n  ValueCount("member")\n             ^^^^^^^^\nThe schema has no attribute of this name.',
    "Left([userAccountControl],1)": (
        "Left takes a text as argument 1 (text), not a number\n  Left([userAccountControl],1)\n       ^^^^^^^^^^^^^^^^^^^^\n"
        "CStr(…) makes a number a text."
    ),
    "Item([displayName],1)": (
        "Item takes a multi-valued attribute as argument 1 (values), not a single value\n  Item([displayName],1)\n"
        "       ^^^^^^^^^^^^^\nItem, Count, Join and the like work on several values."
    ),
    '[manager] = "CN=x"': (
        'a reference cannot be compared with a text by =\n  [manager] = "CN=x"\n  ^^^^^^^^^^^^^^^^^^\nCRef(…) makes a text a reference.'
    ),
    "[displayName] || True": (
        'True or False is needed here, not a text\n  [displayName] || True\n  ^^^^^^^^^^^^^\nCompare it, as in X = "text".'
    ),
    '[objectGUID] & "x"': (
        'a binary value cannot be joined with a text\n  [objectGUID] & "x"\n  ^^^^^^^^^^^^^^^^^^\n'
        "ConvertToBase64(…) makes a binary value a text."
    ),
    "Left(Item([proxyAddresses],1),1) = 5": "a text cannot be compared with a number by =",
    "Where($a,[proxyAddresses],$a)": "Where needs True or False as argument 3, not a text",
    "With($a,[displayName],$a + 1)": "+ computes with numbers, not with a text",
    "Select($a,[proxyAddresses],Len($a)) & Now()": "a date cannot be joined by &",
}


@pytest.mark.parametrize("text", TYPED, ids=list(TYPED))
def test_schema_refuses(text: str) -> None:
    """With a schema, wrong names and types that cannot fit are found before the first object."""
    assert message(text, schema=NAMES).startswith(TYPED[text])


FINE = [
    "CRef([dn])",
    "IIF(IsString([objectGUID]),CStr([objectGUID]),ConvertToBase64([objectGUID]))",
    'IIF(IsPresent([mailEnabled]),[objectGUID],5) & "x"',
    "CBool([mailEnabled])",
    "[userAccountControl] = NULL",
    'IIF([mailEnabled],IgnoreThisFlow,[displayName]) & "x"',
    "Left([proxyAddresses],5)",
    "Count(Left([proxyAddresses],5))",
    'Count(IIF(InStr([proxyAddresses],"x")=1,[proxyAddresses],NULL))',
    "Switch([mailEnabled],1,True,2) + 1",
    "-[userAccountControl] > 0",
    "[objectGUID] & [objectGUID] = [objectGUID]",
    "Item(Select($a,[proxyAddresses],Len($a)),1) + 1",
    'Error("x") + 1',
    'DateAdd("d",1,CDate([displayName])) < Now()',
]


@pytest.mark.parametrize("text", FINE)
def test_schema_accepts(text: str) -> None:
    """What may work on some object compiles."""
    compile_expression(text, schema=NAMES)


def test_names_that_it_reads_are_known() -> None:
    """The engine asks an expression which attributes and parameters it needs."""
    expression = compile_expression('ValueCount("member") & [sn] & ImportedValue("mail") & %Domain.FQDN% & [sn]')
    assert expression.attributes == {"member", "sn"}
    assert expression.imported == {"mail"}
    assert expression.parameters == {"Domain.FQDN"}


WARNED = {
    "[a] && [b] || [c]": "&& and || without parentheses are taken from left to right: [a] && [b] || [c]",
    "2 + 3 * 4": "* and / bind no tighter than + and -, it is taken from left to right: 2 + 3 * 4",
    "[x] - 2 & [y]": "& beside arithmetic without parentheses is taken from left to right: [x] - 2 & [y]",
    "[x] = [y] & [z]": "what stands right of = is computed before it is compared: [x] = [y] & [z]",
    "[x] = [y] = [z]": "a comparison of a comparison, taken from left to right: [x] = [y] = [z]",
    "Switch(True,1,False)": "Switch has 3 arguments, so one is unpaired: it fails on every object",
}


@pytest.mark.parametrize("text", WARNED)
def test_open_operator_orders_are_warned_of(text: str) -> None:
    """Where the documentation leaves the order open and the result depends on it, parentheses are asked for."""
    assert compile_expression(text).warnings == (WARNED[text],)


@pytest.mark.parametrize(
    "text",
    ["([a] && [b]) || [c]", "2 * 3 + 4", "[a] || [b] || [c]", "[x] & [y] = [z]", "[x] = ([y] & [z])", "1 - 2 - 3"],
)
def test_clear_operator_orders_are_not_warned_of(text: str) -> None:
    """Parentheses, or an order that cannot matter, give no warning."""
    assert compile_expression(text).warnings == ()
