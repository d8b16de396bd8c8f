"""Certificates read with `cryptography`, and printed as .NET prints them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from adsyncdiag.errors import EvaluationError

if TYPE_CHECKING:
    from cryptography import x509

MAX_LENGTH = 262_144
"""Bytes of a certificate in an attribute; Entra takes far less."""
_UPN = "1.3.6.1.4.1.311.20.2.3"
_KEYS = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "SERIALNUMBER", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "S",
    "2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "T", "2.5.4.42": "G", "2.5.4.43": "I",
    "2.5.4.46": "dnQualifier", "1.2.840.113549.1.9.1": "E", "0.9.2342.19200300.100.1.25": "DC",
}  # fmt: skip
"""What Windows calls the parts of a name; others print as OID.1.2.3."""
_QUOTED = re.compile(r'[,+="\n<>#;]|\A\s|\s\Z')


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and what of it `cryptography` does not show."""

    raw: bytes
    parsed: x509.Certificate
    serial: bytes
    key_algorithm: str
    key_parameters: bytes

    def sha1(self) -> str:
        """Return the SHA-1 hash of the DER in upper-case hexadecimal; it names a certificate and protects nothing."""
        return hashlib.sha1(self.raw, usedforsecurity=False).hexdigest().upper()

    def issuer(self) -> str:
        """Return the issuer's name as .NET prints it."""
        return _printed(self.parsed.issuer)

    def subject(self) -> str:
        """Return the subject's name as .NET prints it."""
        return _printed(self.parsed.subject)

    def version(self) -> int:
        """Return the version of the format, 1 or 3."""
        return self.parsed.version.value + 1

    def not_before(self) -> datetime:
        """Return the beginning of its validity."""
        return self.parsed.not_valid_before_utc

    def not_after(self) -> datetime:
        """Return the end of its validity."""
        return self.parsed.not_valid_after_utc

    def signature_algorithm(self) -> str:
        """Return the object identifier of the signature's algorithm."""
        return self.parsed.signature_algorithm_oid.dotted_string

    def critical_extensions(self) -> tuple[str, ...]:
        """Return the object identifiers of the critical extensions."""
        return tuple(entry.oid.dotted_string for entry in self._extensions() if entry.critical)

    def name_parts(self, *, of_issuer: bool) -> dict[str, str]:
        """Return the first value of each part of a name, by Windows' key."""
        found: dict[str, str] = {}
        for attribute in self.parsed.issuer if of_issuer else self.parsed.subject:
            found.setdefault(_KEYS.get(attribute.oid.dotted_string, ""), _text(attribute.value))
        return found

    def alternative_names(self, *, of_issuer: bool) -> dict[str, str]:
        """Return the first alternative name of each sort: email, dns, url, upn."""
        from cryptography import x509

        wanted = x509.IssuerAlternativeName if of_issuer else x509.SubjectAlternativeName
        found: dict[str, str] = {}
        for extension in self._extensions():
            if isinstance(extension.value, wanted):
                for name in extension.value:
                    sort, text = _alternative(name)
                    found.setdefault(sort, text)
        return found

    def _extensions(self) -> tuple[x509.Extension[x509.ExtensionType], ...]:
        from cryptography import x509

        try:
            return tuple(self.parsed.extensions)
        except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            raise EvaluationError("the extensions of the certificate cannot be read") from None


def load(data: bytes | str) -> Certificate:
    """Return the certificate that *data* (DER, or base64 with or without BEGIN and END) holds; raise `EvaluationError`."""
    return _load(_der(data))


def _der(data: bytes | str) -> bytes:
    if len(data) > MAX_LENGTH:
        raise EvaluationError("the value is too long for a certificate")
    if isinstance(data, bytes) and data[:1] == b"\x30":
        return data
    try:
        text = data if isinstance(data, str) else data.decode("ascii")
        body = re.sub(r"-----(?:BEGIN|END) [A-Z0-9 ]*-----", "", text)
        return base64.b64decode("".join(body.split()).encode("ascii"), validate=True)
    except (UnicodeError, binascii.Error):
        raise EvaluationError("the value is not a certificate") from None


@lru_cache(maxsize=64)
def _load(raw: bytes) -> Certificate:
    """Read a certificate; rules ask one several questions in a row, so the last ones are kept."""
    from cryptography import x509

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = x509.load_der_x509_certificate(raw)
            _ = parsed.version, parsed.issuer, parsed.subject, parsed.not_valid_after_utc, parsed.not_valid_before_utc
            serial, algorithm, parameters = _hidden(parsed.tbs_certificate_bytes)
    except (ValueError, TypeError, IndexError, OverflowError, x509.InvalidVersion):
        raise EvaluationError("the value is not a certificate") from None
    return Certificate(raw, parsed, serial, algorithm, parameters)


def _hidden(signed: bytes) -> tuple[bytes, str, bytes]:
    """Return serial number, key algorithm and its parameters out of the signed part (RFC 5280 4.1)."""
    fields = _inside(signed)
    first = 1 if fields[0][0] == 0xA0 else 0
    key = _inside(fields[first + 5])
    algorithm = _inside(key[0])
    return _content(fields[first]), _dotted(_content(algorithm[0])), algorithm[1] if len(algorithm) > 1 else b""


def _inside(element: bytes) -> list[bytes]:
    """Return the DER elements inside *element*."""
    content, found = _content(element), []
    while content:
        size = _size(content)
        found.append(content[:size])
        content = content[size:]
    return found


def _content(element: bytes) -> bytes:
    return element[_header(element) : _size(element)]


def _header(element: bytes) -> int:
    return 2 + (element[1] & 0x7F if element[1] & 0x80 else 0)


def _size(element: bytes) -> int:
    """Return the length of the first DER element of *element*; raise ValueError when it is longer than its bytes."""
    header = _header(element)
    length = int.from_bytes(element[2:header], "big") if element[1] & 0x80 else element[1]
    if header + length > len(element):
        raise ValueError("truncated")
    return header + length


def _dotted(content: bytes) -> str:
    numbers, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _printed(name: x509.Name) -> str:
    """Return *name* as .NET prints it: the last part first, quotes where a value needs them."""
    parts = [
        " + ".join(f"{_key(pair.oid.dotted_string)}={_value(_text(pair.value))}" for pair in rdn) for rdn in name.rdns
    ]
    return ", ".join(reversed(parts))


def _key(oid: str) -> str:
    return _KEYS.get(oid, f"OID.{oid}")


def _value(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else f"#{value.hex().upper()}"


def _alternative(name: x509.GeneralName) -> tuple[str, str]:
    from cryptography import x509

    if isinstance(name, x509.RFC822Name):
        return "email", name.value
    if isinstance(name, x509.DNSName):
        return "dns", name.value
    if isinstance(name, x509.UniformResourceIdentifier):
        return "url", name.value
    if isinstance(name, x509.OtherName) and name.type_id.dotted_string == _UPN:
        try:
            return "upn", _content(name.value).decode("utf-8")
        except (ValueError, IndexError):
            return "upn", ""
    return "", ""
