"""Text functions. Positions start at 1 and count UTF-16 code units, as in .NET; case mapping knows no culture."""

from __future__ import annotations

import unicodedata
import uuid

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import limited_text
from adsyncdiag.expressions.functions.utf16 import is_wide, narrowed, widened
from adsyncdiag.expressions.registry import Like, function

WHITE = "".join(
    map(
        chr,
        (*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
    )
)
"""What .NET's Char.IsWhiteSpace says; Python's own idea has U+001C to U+001F besides."""
ASCII_WHITE = WHITE[:6]
MAX_PATTERN = 10_000
"""Characters of a pattern for ReplaceChars."""
COMPARE_WORDS = ("vbTextCompare", "vbBinaryCompare")
_NOT_LOWERED, _NOT_RAISED = "\u0130", "\u0131"
"""The dotted and the dotless i of Turkish: the invariant culture leaves them as they are."""


def lowered(text: str) -> str:
    """Return *text* in lower case as .NET's invariant culture maps it: character by character, never longer."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := char.lower()) == 1 and char != _NOT_LOWERED else char for char in text)


def raised(text: str) -> str:
    """Return *text* in upper case, mapped like `lowered`; so ß stays ß."""
    if text.isascii():
        return text.upper()
    return "".join(up if len(up := char.upper()) == 1 and char != _NOT_RAISED else char for char in text)


@function("str LCase(str text)")
def lcase(text: str) -> str:
    """Return *text* in lower case.

    Example: LCase("TeSt") is "test". NULL gives NULL (open: not documented; only Left, Right, Mid, PadLeft, PadRight and
    Word are said to give ""). The culture of the server is not documented either: the invariant one is taken, so that the
    same rules give the same values everywhere.
    Source: Functions Reference, LCase.
    """
    return lowered(text)


@function("str UCase(str text)")
def ucase(text: str) -> str:
    """Return *text* in upper case.

    Example: UCase("TeSt") is "TEST". Mapped character by character by the invariant culture: ß stays ß.
    Source: Functions Reference, UCase.
    """
    return raised(text)


@function("str Trim(str text)")
def trim(text: str) -> str:
    """Return *text* without white space at both ends.

    Example: Trim(" Test ") is "Test"; Trim([proxyAddresses]) trims each value. NULL gives NULL. White space is what
    .NET calls so, which includes no-break spaces and line breaks.
    Source: Functions Reference, Trim.
    """
    return text.strip(ASCII_WHITE if text.isascii() else WHITE)


@function("str LTrim(str text)")
def ltrim(text: str) -> str:
    """Return *text* without white space at its beginning.

    Example: LTrim(" Test ") is "Test ". Source: Functions Reference, LTrim.
    """
    return text.lstrip(ASCII_WHITE if text.isascii() else WHITE)


@function("str RTrim(str text)")
def rtrim(text: str) -> str:
    """Return *text* without white space at its end.

    Example: RTrim(" Test ") is " Test". Source: Functions Reference, RTrim.
    """
    return text.rstrip(ASCII_WHITE if text.isascii() else WHITE)


@function("str Left(str text, num count)", of_null="")
def left(text: str, count: int) -> str:
    """Return the first *count* characters of *text*.

    Example: Left("John Doe",3) is "Joh". A count of 0 gives "", a negative one the whole text; NULL gives "".
    Source: Functions Reference, Left.
    """
    if count < 0:
        return text
    if text.isascii() or not is_wide(text):
        return text[:count]
    return narrowed(widened(text)[:count])


@function("str Right(str text, num count)", of_null="")
def right(text: str, count: int) -> str:
    """Return the last *count* characters of *text*.

    Example: Right("John Doe",3) is "Doe". A count of 0 gives "", a negative one the whole text; NULL gives "".
    Source: Functions Reference, Right.
    """
    if count < 0:
        return text
    units = widened(text) if is_wide(text) else text
    cut = units[max(0, len(units) - count) :]
    return narrowed(cut) if units is not text else cut


@function("str|bin Mid(str|bin text, num start[, num count])", of_null="", like=Like.ARGUMENT)
def mid(text: str | bytes, start: int, count: int | None = None) -> str | bytes:
    """Return *count* characters of *text* from position *start*; without *count*, all from there.

    Example: Mid("John Doe",3,5) is "hn Do"; Mid("John Doe",6,999) is "Doe". A count of 0 gives "", a negative one the
    whole text; a start before 1 or after the end gives the whole text; NULL gives "". The third argument is required by
    the syntax and left out in the example of Item, so it is optional. The shipped device-key rules cut binary values,
    byte by byte (server-export.md 3.1), with the same borders.
    Source: Functions Reference, Mid.
    """
    if isinstance(text, bytes):
        return _middle_bytes(text, start, count)
    units = widened(text) if is_wide(text) else text
    if start < 1 or start > len(units) or (count is not None and count < 0):
        return "" if count == 0 else text
    cut = units[start - 1 :] if count is None else units[start - 1 : start - 1 + count]
    return narrowed(cut) if units is not text else cut


def _middle_bytes(value: bytes, start: int, count: int | None) -> bytes:
    if start < 1 or start > len(value) or (count is not None and count < 0):
        return b"" if count == 0 else value
    return value[start - 1 :] if count is None else value[start - 1 : start - 1 + count]


@function("num Len(str|bin text)")
def length(text: str | bytes) -> int:
    """Return the number of characters of *text*, or of bytes of a binary value.

    Example: Len("John Doe") is 8. NULL gives NULL. Binary values are measured by a shipped rule (server-export.md 3.1).
    Source: Functions Reference, Len.
    """
    return len(widened(text)) if isinstance(text, str) and is_wide(text) else len(text)


@function("str PadLeft(str text, num length, str character)", of_null="")
def pad_left(text: str, wanted: int, character: str) -> str:
    """Return *text* with *character* before it until it has *length* characters.

    Example: PadLeft("User",10,"0") is "000000User". A text of that length or longer stays; NULL gives "". Another number
    of padding characters than one is an error; NULL there is not allowed by the page, and gives NULL here.
    Source: Functions Reference, PadLeft.
    """
    return _padding(text, wanted, character) + text


@function("str PadRight(str text, num length, str character)", of_null="")
def pad_right(text: str, wanted: int, character: str) -> str:
    """Return *text* with *character* after it until it has *length* characters.

    Example: PadRight("User",10,"0") is "User000000". Else as PadLeft.
    Source: Functions Reference, PadRight.
    """
    return text + _padding(text, wanted, character)


def _padding(text: str, wanted: int, character: str) -> str:
    if length(character) != 1:
        raise EvaluationError("the padding must be exactly one character")
    limited_text(wanted)
    return character * max(0, wanted - length(text))


@function("str PCase(str text)")
def pcase(text: str) -> str:
    """Return *text* with each word's first letter in upper case and the others in lower case.

    Example: PCase("TEsT") is "Test", PCase("joHN") is "John". A word all in upper case stays as it is: PCase("TEST") is
    "TEST", so write PCase(LCase(…)). That remark is word for word the one of .NET's TextInfo.ToTitleCase, so its idea of
    a word is taken too, although the page says space delimited: punctuation other than an apostrophe ends a word
    ("mary-jane" is "Mary-Jane"), digits do not.
    Source: Functions Reference, PCase; .NET API, TextInfo.ToTitleCase.
    """
    result, at = [], 0
    while at < len(text):
        if unicodedata.category(text[at])[0] == "L":
            end = at + 1
            while end < len(text) and _in_word(text[end]):
                end += 1
            result.append(_titled(text[at:end]))
            at = end
        else:
            result.append(text[at])
            at += 1
    return "".join(result)


def _in_word(char: str) -> bool:
    return char == "'" or unicodedata.category(char)[0] in "LMN" or unicodedata.category(char) in ("Cs", "Co", "Cn")


def _titled(word: str) -> str:
    """Return one word in title case; what follows an apostrophe is lowered even in a word all in upper case."""
    first = word[0].title() if len(word[0].title()) == 1 else word[0]
    kept, apostrophe, rest = word[1:].partition("'")
    small = unicodedata.category(word[0]) == "Ll" or any(unicodedata.category(char) == "Ll" for char in kept)
    return first + (lowered(kept) if small else kept) + apostrophe + lowered(rest)


@function("num InStr(str text, str match[, num start[, enum compare]])", of_null=0, words=COMPARE_WORDS)
def instr(text: str, match: str, start: int = 1, compare: str = "vbBinaryCompare") -> int:
    """Return the position of the first *match* in *text* at or after *start*, or 0.

    Example: InStr("The quick brown fox","quick") is 5; InStr("repEated","e",3,vbBinaryCompare) is 7. Without *compare*
    case counts, as in VBA. NULL as text gives 0 (shipped rules ask absent attributes), an empty text 0, an empty match the start.
    A start below 1 is an error, as in VBA.
    Source: Functions Reference, InStr; VBA language reference, InStr.
    """
    if start < 1:
        raise EvaluationError("a search starts at position 1 or later")
    if compare != "vbBinaryCompare" or not text.isascii():
        text, match = _searched(text, match, compare)
    return 0 if start > len(text) else text.find(match, start - 1) + 1


@function("num InStrRev(str text, str match[, num start[, enum compare]])", of_null=0, words=COMPARE_WORDS)
def instr_rev(text: str, match: str, start: int = -1, compare: str = "vbBinaryCompare") -> int:
    """Return the position of the last *match* in *text*, or 0.

    Example: InStrRev("abbcdbbbef","bb") is 7. Open: the meaning of *start*; as in VBA the search runs leftwards from it, so
    the match ends there at the latest; -1 is the end of the text, 0 and less than -1 are errors.
    Source: Functions Reference, InStrRev (its syntax lines print InstrRev); VBA language reference, InStrRev.
    """
    if start < 1 and start != -1:
        raise EvaluationError("a search starts at position 1 or later, or at -1 for the end")
    text, match = _searched(text, match, compare)
    if start > len(text):
        return 0
    return text.rfind(match, 0, len(text) if start == -1 else start) + 1


def _searched(text: str, match: str, compare: str) -> tuple[str, str]:
    if not text.isascii() and is_wide(text):  # is_wide asks the same first; asked here it saves most texts a call
        text, match = widened(text), widened(match)
    return (lowered(text), lowered(match)) if compare == "vbTextCompare" else (text, match)


_MONIKERS = (("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"))


@function("str Replace(str text, str old, str new)")
def replace(text: str, old: str, new: str) -> str:
    r"""Return *text* with every *old* replaced by *new*.

    Example: Replace([address],"\r\n",", "). In *old* and *new* the two characters \n, \r and \t stand for line feed,
    carriage return and tab. Case counts. An empty *old* is an error, as in .NET.
    Source: Functions Reference, Replace.
    """
    for moniker, char in _MONIKERS:
        old, new = old.replace(moniker, char), new.replace(moniker, char)
    if not old:
        raise EvaluationError("the text to replace is empty")
    if len(new) > len(old):
        limited_text(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


@function("str ReplaceChars(str text, str pattern)")
def replace_chars(text: str, pattern: str) -> str:
    """Return *text* with single characters replaced as *pattern* says: `source:target,source:target`.

    Example: ReplaceChars("Räksmörgås","å:a,ä:a,ö:o") is "Raksmorgas"; "ö:oe" replaces by two characters, "’:" removes.
    The source is exactly one character and case-sensitive, never a comma or a colon; white space in the pattern is
    ignored. Anything else is an error, so the page's own example with "ö,o" is one too; for a source given twice the first
    entry counts (open).
    Source: Functions Reference, ReplaceChars.
    """
    if len(pattern) > MAX_PATTERN:
        raise EvaluationError(f"the pattern has {len(pattern)} characters; at most {MAX_PATTERN} are read")
    table: dict[int, str] = {}
    for entry in pattern.translate(_WITHOUT_WHITE).split(","):
        source, colon, target = entry.partition(":")
        if not colon or len(source) != 1 or ":" in target:
            raise EvaluationError('each entry of the pattern is one character, ":" and its replacement')
        table.setdefault(ord(source), target)
    longest = max(map(len, table.values()))
    if longest > 1:
        limited_text(sum(len(table.get(ord(char), char)) for char in text))
    return text.translate(table)


_WITHOUT_WHITE = dict.fromkeys(map(ord, WHITE))


@function("str Word(str text, num number, str delimiters)", of_null="")
def word(text: str, number: int, delimiters: str) -> str:
    """Return word *number* of *text*, where each character of *delimiters* ends a word.

    Example: Word("The quick brown fox",3," ") is "brown"; Word("This,string!has&many separators",3,",!&#") is "has". A
    number below 1 or beyond the last word gives "", as does NULL. Open: adjacent delimiters. "Each string of characters"
    between delimiters is a word by the page, and a text may have none, so there are no empty words here.
    Source: Functions Reference, Word.
    """
    if number == 1 and len(delimiters) == 1 and (first := text.partition(delimiters)[0]):
        return first
    if number < 1:
        return ""
    for delimiter in delimiters[1:]:
        text = text.replace(delimiter, delimiters[0])
    if delimiters:
        words = [part for part in text.split(delimiters[0]) if part]
        return words[number - 1] if number <= len(words) else ""
    return text if number == 1 else ""


@function("str Guid()", pure=False)
def new_guid() -> str:
    """Return a new random GUID such as "6f9619ff-8b86-4d01-b42d-00cf4fc964ff".

    The page's table of contents prints GUID, its entry Guid; names are case-sensitive, so it is Guid. Lower case without
    braces, as .NET prints a Guid (open).
    Source: Functions Reference, Guid.
    """
    return str(uuid.uuid4())
