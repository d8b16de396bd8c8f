"""From one type to another, and asking whether that can work."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from datetime import datetime

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import limited_text
from adsyncdiag.expressions.functions.date_text import read_date
from adsyncdiag.expressions.functions.text import WHITE
from adsyncdiag.expressions.functions.utf16 import encodable
from adsyncdiag.expressions.registry import function
from adsyncdiag.model.values import ExpressionValue, Reference

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}\Z")
_GUID = re.compile(r"(\{)?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?(1)\})\Z")
_LARGEST = 2**63 - 1


@function("bool CBool(bool|num|str value)", of_null=False)
def cbool(value: bool | int | str) -> bool:
    """Return False for 0 and False, True for any other number and True.

    Example: CBool([attrib1] = [attrib2]). CBool(NULL) is False: shipped rules put IIF(…,NULL) into it. Open: texts; True and
    False in any case and whole numbers are understood, as in VBA, any other text is an error.
    Source: Functions Reference, CBool; engine.md 2.1.
    """
    if isinstance(value, str):
        text = value.strip(WHITE).lower()
        return text == "true" if text in ("true", "false") else read_number(text) != 0
    return value != 0


@function("num CNum(str|num|bin value)")
def cnum(value: str | int | bytes) -> int:
    """Return the number that a text spells; anything but an optional sign and digits is an error.

    Example: CNum("12") is 12. A shipped device-key rule makes numbers of one and two bytes cut out of a key credential, whose
    fields are little-endian ([MS-ADTS] 2.2.20), so up to eight bytes are read that way, unsigned (open). White space around
    the text is ignored. NULL gives NULL.
    Source: Functions Reference, CNum; server-export.md 3.1.
    """
    if isinstance(value, bytes):
        number = int.from_bytes(value, "little") if 1 <= len(value) <= 8 else _LARGEST + 1
        if number > _LARGEST:
            raise EvaluationError("only one to eight bytes that fit 63 bits make a number")
        return number
    return value if isinstance(value, int) else read_number(value)


def read_number(text: str) -> int:
    """Return the 64-bit number that *text* spells; raise `EvaluationError` when it spells none."""
    found = _WHOLE.match(text.strip(WHITE)) if len(text) < 1000 else None
    number = int(found[0]) if found else _LARGEST + 1
    if not -_LARGEST - 1 <= number <= _LARGEST:
        raise EvaluationError("the text is not a whole number of 64 bits")
    return number


@function("str CStr(str|num|ref|bool|bin value)")
def cstr(value: str | int | Reference | bool | bytes) -> str:
    """Return *value* as a text: decimal, True or False, the DN of a reference.

    Example: CStr([dn]) may be "cn=Joe,dc=contoso,dc=com". A text stays (shipped rules write CStr(FormatDateTime(…))). A
    binary value is an error: shipped rules guard it with IsString. Open: the text of a Boolean, taken as .NET prints it. NULL
    gives NULL.
    Source: Functions Reference, CStr.
    """
    if isinstance(value, bytes):
        raise EvaluationError("a binary value is no text; ConvertToBase64 makes it one")
    return value.text if isinstance(value, Reference) else str(value)


@function("ref CRef(str|ref value)")
def cref(value: str | Reference) -> Reference:
    """Return the reference to the object with the DN *value*.

    Example: DNComponent(CRef([dn]),1). The text is not looked at: a reference that nothing answers to is no value when it
    flows. NULL gives NULL.
    Source: Functions Reference, CRef.
    """
    return value if isinstance(value, Reference) else Reference(value)


@function("bin CGuid(str text)")
def cguid(text: str) -> bytes:
    """Return the 16 bytes of a GUID given as 8-4-4-4-12 digits, with or without braces.

    Example: IIF(IsGuid([x]),CGuid([x]),NULL). Open: the byte order; that of .NET's Guid.ToByteArray, which objectGUID has too
    (the first three fields little-endian).
    Source: Functions Reference, CGuid.
    """
    if not _GUID.match(text):
        raise EvaluationError("the text is not a GUID")
    return uuid.UUID(text).bytes_le


@function("str StringFromGuid(bin value)")
def string_from_guid(value: bytes) -> str:
    """Return the text of a GUID's 16 bytes.

    Example: StringFromGuid([objectGUID]). Open: its form; lower case without braces, as .NET prints a Guid.
    Source: Functions Reference, StringFromGuid.
    """
    if len(value) != 16:
        raise EvaluationError(f"a GUID has 16 bytes, this value {len(value)}")
    return str(uuid.UUID(bytes_le=value))


@function("str StringFromSid(bin value)")
def string_from_sid(value: bytes) -> str:
    """Return a security identifier as S-1-….

    Example: StringFromSid([objectSid]) may be "S-1-5-21-1-2-3-1000". An authority beyond 32 bits is printed in hexadecimal.
    Source: Functions Reference, StringFromSid; [MS-DTYP] 2.4.2.
    """
    if len(value) < 8 or len(value) != 8 + 4 * value[1] or value[1] > 15:
        raise EvaluationError("the value is not a security identifier")
    authority = int.from_bytes(value[2:8], "big")
    parts = [str(authority) if authority < 2**32 else f"0x{authority:012X}"]
    parts += [str(int.from_bytes(value[at : at + 4], "little")) for at in range(8, len(value), 4)]
    return f"S-{value[0]}-{'-'.join(parts)}"


@function("str ConvertToBase64(str|bin value)")
def convert_to_base64(value: str | bytes) -> str:
    """Return base64 of a text's UTF-16 bytes (little-endian), or of the bytes themselves.

    Example: ConvertToBase64("Hello world!") is "SABlAGwAbABvACAAdwBvAHIAbABkACEA"; ConvertToBase64([objectGUID]) makes the
    source anchor.
    Source: Functions Reference, ConvertToBase64; engine.md 2.2.
    """
    limited_text(2 * len(value))
    return base64.b64encode(value if isinstance(value, bytes) else value.encode("utf-16-le", "surrogatepass")).decode()


_ENCODINGS = {"Unicode": "utf-16-le", "ASCII": "ascii", "UTF8": "utf-8"}


@function("str ConvertFromBase64(str source[, enum encoding])", words=tuple(_ENCODINGS))
def convert_from_base64(source: str, encoding: str = "Unicode") -> str:
    """Return the text whose encoded bytes *source* is the base64 of; Unicode means UTF-16, little-endian.

    Example: ConvertFromBase64("SGVsbG8gd29ybGQh",UTF8) is "Hello world!". What is no base64 is an error; bytes that are no
    text in that encoding become replacement characters, as .NET's decoders do ("?" for ASCII).
    Source: Functions Reference, ConvertFromBase64.
    """
    try:
        data = base64.b64decode("".join(source.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise EvaluationError("the text is not base64") from None
    text = data.decode(_ENCODINGS[encoding], "replace")
    return text.replace("\ufffd", "?") if encoding == "ASCII" else text


@function("str ConvertToUTF8Hex(str text)")
def convert_to_utf8_hex(text: str) -> str:
    """Return the UTF-8 bytes of *text* in upper-case hexadecimal.

    Example: ConvertToUTF8Hex("Hello world!") is "48656C6C6F20776F726C6421". The Entra connector space names its objects
    "CN={" & ConvertToUTF8Hex([sourceAnchor]) & "}".
    Source: Functions Reference, ConvertToUTF8Hex.
    """
    data = encodable(text).encode()
    limited_text(2 * len(data))
    return data.hex().upper()


@function("str ConvertFromUTF8Hex(str source)")
def convert_from_utf8_hex(source: str) -> str:
    """Return the text whose UTF-8 bytes *source* lists in hexadecimal.

    Example: ConvertFromUTF8Hex("48656C6C6F20776F726C6421") is "Hello world!". What is no hexadecimal is an error.
    Source: Functions Reference, ConvertFromUTF8Hex.
    """
    try:
        data = binascii.unhexlify(source.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        raise EvaluationError("the text is not hexadecimal") from None
    return data.decode("utf-8", "replace")


@function("bin CBin(num value, num count)")
def cbin(value: int, byte_count: int) -> bytes:
    """Return *value* as *count* bytes, the lowest first.

    Example: CBin(Len(Thumbprint([key])),2). Not in the Functions Reference; used by the shipped device-key rule to write
    fields of a key credential, which are little-endian ([MS-ADTS] 2.2.20; open). One to eight bytes; a value that does not fit
    is an error.
    Source: server-export.md 3.1.
    """
    if not 1 <= byte_count <= 8:
        raise EvaluationError("a number becomes one to eight bytes")
    if not -(2 ** (8 * byte_count - 1)) <= value < 2 ** (8 * byte_count):
        raise EvaluationError(f"the number does not fit {byte_count} bytes")
    return value.to_bytes(byte_count, "little", signed=value < 0)


@function("bin Thumbprint(bin value)")
def thumbprint(value: bytes) -> bytes:
    """Return the SHA-256 hash of *value*.

    Example: Thumbprint([key]). Not in the Functions Reference; the shipped device-key rule writes it where a key credential
    has its key identifier, which is that hash ([MS-ADTS] 2.2.20.6, KeyID; open).
    Source: server-export.md 3.1.
    """
    return hashlib.sha256(value).digest()


@function("bool IsNumeric(var value)")
def is_numeric(value: ExpressionValue) -> bool:
    """Say whether CNum can make a number of *value*.

    Example: IIF(IsNumeric([employeeID]),CNum([employeeID]),NULL). NULL is not numeric; of several values each must be.
    Source: Functions Reference, IsNumeric.
    """
    if isinstance(value, tuple):
        return all(map(is_numeric, value))
    if isinstance(value, bool) or not isinstance(value, str | int | bytes):
        return False
    try:
        cnum(value)
    except EvaluationError:
        return False
    return True


@function("bool IsDate(var value)")
def is_date(value: ExpressionValue) -> bool:
    """Say whether *value* is a date, or a text of which CDate can make one.

    Example: IIF(IsDate([employeeStartTime]),CDate([employeeStartTime]),NULL). Of several values each must be.
    Source: Functions Reference, IsDate.
    """
    if isinstance(value, tuple):
        return all(map(is_date, value))
    if not isinstance(value, str):
        return isinstance(value, datetime)
    try:
        read_date(value)
    except EvaluationError:
        return False
    return True


@function("bool IsString(var value)")
def is_string(value: ExpressionValue) -> bool:
    """Say whether *value* is a text.

    Example: IIF(IsString([objectGUID]),CStr([objectGUID]),ConvertToBase64([objectGUID])): a binary value is none. Of several
    values each must be one.
    Source: Functions Reference, IsString; engine.md 2.2.
    """
    return all(map(is_string, value)) if isinstance(value, tuple) else isinstance(value, str)


@function("bool IsGuid(str text)", of_null=False)
def is_guid(text: str) -> bool:
    """Say whether CGuid can make a GUID of *text*.

    Example: IsGuid("{00001111-aaaa-2222-bbbb-3333cccc4444}") is True. Only the two forms that the page names: 32 digits
    without hyphens are none (open). NULL is none.
    Source: Functions Reference, IsGuid.
    """
    return _GUID.match(text) is not None
