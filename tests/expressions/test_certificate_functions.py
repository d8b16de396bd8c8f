"""The functions on certificates, on certificates made here."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.catalogue import functions
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.expressions.evaluation import Context

SERIAL = 0x00F1020304
BEGIN, END = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


def _upn(text: str) -> x509.OtherName:
    return x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c" + bytes([len(text)]) + text.encode())


def _made(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, plain: bool = False) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "WA"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Contoso, "Inc"'),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "ann@contoso.com"),
            x509.NameAttribute(NameOID.USER_ID, "ann"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Ann Ä"),
        ]
    )
    issuer = x509.Name(
        [
            x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "com"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "CA unit"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(SERIAL)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
    )
    if not plain:
        names = [
            x509.DNSName("pc.contoso.com"),
            x509.RFC822Name("alt@contoso.com"),
            _upn("ann@upn"),
            x509.UniformResourceIdentifier("https://contoso.com/ann"),
        ]
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ObjectIdentifier("1.2.3")]), critical=True)
    return builder.sign(key, hashes.SHA256())


@pytest.fixture(scope="module")
def certificates() -> dict[str, bytes]:
    """An RSA certificate with extensions, and an elliptic one without."""
    keys = {"rsa": rsa.generate_private_key(65537, 2048), "ec": ec.generate_private_key(ec.SECP256R1())}
    return {name: _made(key, plain=name == "ec").public_bytes(serialization.Encoding.DER) for name, key in keys.items()}


def value(text: str, certificate: object) -> object:
    """Return what *text* gives for [c]."""
    return compile_expression(text).evaluate(Context({"c": certificate} if certificate is not None else {}))


TABLE = {
    "IsCert([c])": True,
    "CertExtensionOids([c])": ("2.5.29.19", "2.5.29.37"),
    "CertFormat([c])": "X509",
    "CertFriendlyName([c])": "",
    "CertIssuer([c])": "OU=CA unit, DC=com",
    "CertIssuerDN([c])": "OU=CA unit, DC=com",
    "CertIssuerOid([c])": None,
    "CertKeyAlgorithm([c])": "1.2.840.113549.1.1.1",
    "CertKeyAlgorithmParams([c])": "0500",
    "CertNotAfter([c])": END,
    "CertNotBefore([c])": BEGIN,
    "CertPublicKeyOid([c])": "1.2.840.113549.1.1.1",
    "CertPublicKeyParametersOid([c])": "1.2.840.113549.1.1.1",
    "CertSerialNumber([c])": "00F1020304",
    "CertSignatureAlgorithmOid([c])": "1.2.840.113549.1.1.11",
    "CertSubject([c])": 'CN=Ann Ä, OID.0.9.2342.19200300.100.1.1=ann, E=ann@contoso.com, O="Contoso, ""Inc""", S=WA, C=US',
    "CertSubjectNameDN([c])": 'CN=Ann Ä, OID.0.9.2342.19200300.100.1.1=ann, E=ann@contoso.com, O="Contoso, ""Inc""", S=WA, C=US',
    "CertSubjectNameOid([c])": None,
    "CertVersion([c])": 3,
    'CertNameInfo([c],"SimpleName",False)': "Ann Ä",
    'CertNameInfo([c],"SimpleName",True)': "CA unit",
    'CertNameInfo([c],"EmailName",False)': "alt@contoso.com",
    'CertNameInfo([c],"EmailName",True)': "",
    'CertNameInfo([c],"UpnName",False)': "ann@upn",
    'CertNameInfo([c],"DnsName",False)': "pc.contoso.com",
    'CertNameInfo([c],"DnsName",True)': "",
    'CertNameInfo([c],"DnsFromAlternativeName",False)': "pc.contoso.com",
    'CertNameInfo([c],"UrlName",False)': "https://contoso.com/ann",
}


@pytest.mark.parametrize("text", TABLE)
def test_certificate_function_gives(text: str, certificates: dict[str, bytes]) -> None:
    """Each function says of a certificate what X509Certificate2 says."""
    assert value(text, certificates["rsa"]) == TABLE[text]


def test_hashes_are_of_the_whole_certificate(certificates: dict[str, bytes]) -> None:
    """Thumbprint and hash string are one thing: SHA-1 of the DER."""
    wanted = hashlib.sha1(certificates["rsa"]).hexdigest().upper()
    assert value("CertThumbprint([c])", certificates["rsa"]) == wanted
    assert value("CertHashString([c])", certificates["rsa"]) == wanted


def test_elliptic_certificate_without_extensions(certificates: dict[str, bytes]) -> None:
    """Parameters name the curve; no critical extension is NULL; names fall back to those of the subject."""
    assert value("CertKeyAlgorithm([c])", certificates["ec"]) == "1.2.840.10045.2.1"
    assert value("CertKeyAlgorithmParams([c])", certificates["ec"]) == "06082A8648CE3D030107"
    assert value("CertExtensionOids([c])", certificates["ec"]) is None
    assert value('CertNameInfo([c],"EmailName",False)', certificates["ec"]) == "ann@contoso.com"
    assert value('CertNameInfo([c],"DnsName",False)', certificates["ec"]) == "Ann Ä"
    assert value('CertNameInfo([c],"DnsFromAlternativeName",False)', certificates["ec"]) == ""


def test_base64_is_read_too(certificates: dict[str, bytes]) -> None:
    """Base64 in bytes or text, with and without its BEGIN and END lines."""
    plain = base64.b64encode(certificates["rsa"]).decode()
    armoured = f"-----BEGIN CERTIFICATE-----\r\n{plain[:64]}\r\n{plain[64:]}\r\n-----END CERTIFICATE-----\r\n"
    for form in (plain, armoured, plain.encode(), armoured.encode()):
        assert value("CertSerialNumber([c])", form) == "00F1020304"


def test_every_certificate_of_an_attribute_is_asked(certificates: dict[str, bytes]) -> None:
    """UserCertificate has several values: the documented example keeps those that are not expired."""
    both = (certificates["rsa"], certificates["ec"])
    assert value("CertVersion([c])", both) == (3, 3)
    text = "Where($item,[c],CertNotAfter($item)>Now())"
    expression = compile_expression(text)
    assert expression.evaluate(Context({"c": both}, now=BEGIN)) == both
    assert expression.evaluate(Context({"c": both}, now=END)) is None


def test_null_is_no_certificate() -> None:
    """NULL gives NULL, and IsCert says False."""
    assert value("IsCert([c])", None) is False
    assert value("CertSubject([c])", None) is None


@pytest.mark.parametrize(
    "info", [info for info in functions() if info.group == "certificates"], ids=lambda info: info.name
)
def test_damaged_certificates_are_refused(info: object, certificates: dict[str, bytes]) -> None:
    """Whatever byte is cut or changed, the answer is an error of ours or a value; never anything else."""
    options = ',"UpnName",False' if info.most == 3 else ""
    call = compile_expression(f"{info.name}([c]{options})")
    whole = certificates["rsa"]
    damaged = [b"", b"0", b"0\x82", b"0\x80\x00\x00", b"MIIB", b"0\x84\xff\xff\xff\xff", "not base64", b"\x00" * 10]
    damaged += [whole[:cut] for cut in range(1, len(whole), 97)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(0, len(whole), 7)]
    for certificate in damaged:
        try:
            call.evaluate(Context({"c": certificate}))
        except EvaluationError as error:
            assert error.message  # noqa: PT017


def test_unknown_name_type_is_named(certificates: dict[str, bytes]) -> None:
    """A name type that .NET does not have is an error that lists those it has."""
    with pytest.raises(EvaluationError, match="none of SimpleName, EmailName, UpnName"):
        value('CertNameInfo([c],"Name",False)', certificates["rsa"])


def test_there_are_22_functions_on_certificates() -> None:
    """The reference lists 22."""
    assert sum(info.group == "certificates" for info in functions()) == 22
