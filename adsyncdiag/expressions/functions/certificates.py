"""Functions on X.509 certificates, with the meaning of .NET's X509Certificate2.

Each takes the certificate as DER, or as base64 with or without its BEGIN and END lines. What is no certificate is an error;
ask IsCert first. NULL gives NULL. `cryptography` is imported when the first certificate is read.
"""

from __future__ import annotations

from datetime import datetime

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.functions.x509 import Certificate, load
from adsyncdiag.expressions.registry import function

NAME_TYPES = ("SimpleName", "EmailName", "UpnName", "DnsName", "DnsFromAlternativeName", "UrlName")
"""The members of .NET's X509NameType."""


@function("bool IsCert(bin|str certificate)", of_null=False)
def is_cert(certificate: bytes | str) -> bool:
    """Say whether *certificate* can be read as one; NULL cannot.

    Example: Where($item,[userCertificate],IsCert($item)). Source: Functions Reference, IsCert.
    """
    try:
        load(certificate)
    except EvaluationError:
        return False
    return True


@function("mvstr CertExtensionOids(bin|str certificate)")
def extension_oids(certificate: bytes | str) -> tuple[str, ...] | None:
    """Return the object identifiers of the critical extensions, in the order of the certificate; none is NULL.

    Example: CertExtensionOids($item) may be 2.5.29.15 and 2.5.29.19. Source: Functions Reference, CertExtensionOids.
    """
    return load(certificate).critical_extensions() or None


@function("str CertFormat(bin|str certificate)")
def cert_format(certificate: bytes | str) -> str:
    """Return the format of the certificate, which is always "X509".

    Source: Functions Reference, CertFormat; .NET API, X509Certificate.GetFormat.
    """
    load(certificate)
    return "X509"


@function("str CertFriendlyName(bin|str certificate)")
def friendly_name(certificate: bytes | str) -> str:
    """Return the alias of the certificate, which is always "".

    The alias is a property of a certificate store and not of the certificate, so one read from an attribute has none.
    Source: Functions Reference, CertFriendlyName; .NET API, X509Certificate2.FriendlyName.
    """
    load(certificate)
    return ""


@function("str CertHashString(bin|str certificate)")
def hash_string(certificate: bytes | str) -> str:
    """Return the SHA-1 hash of the certificate in upper-case hexadecimal.

    Source: Functions Reference, CertHashString.
    """
    return load(certificate).sha1()


@function("str CertThumbprint(bin|str certificate)")
def cert_thumbprint(certificate: bytes | str) -> str:
    """Return the thumbprint: the SHA-1 hash in upper-case hexadecimal, as CertHashString.

    Source: Functions Reference, CertThumbprint; .NET API, X509Certificate2.Thumbprint.
    """
    return load(certificate).sha1()


@function("str CertIssuer(bin|str certificate)")
def issuer(certificate: bytes | str) -> str:
    """Return the name of the issuer, such as "CN=Contoso CA, O=Contoso, C=US".

    As .NET prints names: most specific part first, ", " between parts, quotes where a value needs them.
    Source: Functions Reference, CertIssuer; .NET API, X509Certificate.Issuer.
    """
    return load(certificate).issuer()


@function("str CertIssuerDN(bin|str certificate)")
def issuer_dn(certificate: bytes | str) -> str:
    """Return the distinguished name of the issuer; the same text as CertIssuer.

    Source: Functions Reference, CertIssuerDN; .NET API, X509Certificate2.IssuerName.
    """
    return load(certificate).issuer()


@function("str CertIssuerOid(bin|str certificate)")
def issuer_oid(certificate: bytes | str) -> None:
    """Return NULL for every certificate.

    Open: the page says "the Oid of the certificate issuer"; in .NET that is X509Certificate2.IssuerName.Oid, which a name read
    from a certificate does not have.
    Source: Functions Reference, CertIssuerOid; .NET API, AsnEncodedData.Oid.
    """
    load(certificate)


@function("str CertSubject(bin|str certificate)")
def subject(certificate: bytes | str) -> str:
    """Return the name of the subject, printed as in CertIssuer.

    Source: Functions Reference, CertSubject.
    """
    return load(certificate).subject()


@function("str CertSubjectNameDN(bin|str certificate)")
def subject_name_dn(certificate: bytes | str) -> str:
    """Return the distinguished name of the subject; the same text as CertSubject.

    Source: Functions Reference, CertSubjectNameDN; .NET API, X509Certificate2.SubjectName.
    """
    return load(certificate).subject()


@function("str CertSubjectNameOid(bin|str certificate)")
def subject_name_oid(certificate: bytes | str) -> None:
    """Return NULL for every certificate; see CertIssuerOid (open for the same reason).

    Source: Functions Reference, CertSubjectNameOid; .NET API, AsnEncodedData.Oid.
    """
    load(certificate)


@function("str CertKeyAlgorithm(bin|str certificate)")
def key_algorithm(certificate: bytes | str) -> str:
    """Return the object identifier of the key's algorithm, such as "1.2.840.113549.1.1.1" for RSA.

    Source: Functions Reference, CertKeyAlgorithm; .NET API, X509Certificate.GetKeyAlgorithm.
    """
    return load(certificate).key_algorithm


@function("str CertKeyAlgorithmParams(bin|str certificate)")
def key_algorithm_params(certificate: bytes | str) -> str:
    """Return the parameters of the key's algorithm in upper-case hexadecimal of their DER, "0500" for RSA.

    The syntax line on the page is that of CertKeyAlgorithm (engine.md 8.10).
    Source: Functions Reference, CertKeyAlgorithmParams; .NET API, X509Certificate.GetKeyAlgorithmParametersString.
    """
    return load(certificate).key_parameters.hex().upper()


@function("str CertPublicKeyOid(bin|str certificate)")
def public_key_oid(certificate: bytes | str) -> str:
    """Return the object identifier of the public key, the same as CertKeyAlgorithm.

    Source: Functions Reference, CertPublicKeyOid; .NET API, PublicKey.Oid.
    """
    return load(certificate).key_algorithm


@function("str CertPublicKeyParametersOid(bin|str certificate)")
def public_key_parameters_oid(certificate: bytes | str) -> str:
    """Return the object identifier of the public key's parameters.

    In .NET that is PublicKey.EncodedParameters.Oid, which carries the identifier of the key's algorithm.
    Source: Functions Reference, CertPublicKeyParametersOid; .NET API, PublicKey.EncodedParameters.
    """
    return load(certificate).key_algorithm


@function("str CertSignatureAlgorithmOid(bin|str certificate)")
def signature_algorithm_oid(certificate: bytes | str) -> str:
    """Return the object identifier of the algorithm that signed the certificate, such as "1.2.840.113549.1.1.11".

    Source: Functions Reference, CertSignatureAlgorithmOid.
    """
    return load(certificate).signature_algorithm()


@function("str CertSerialNumber(bin|str certificate)")
def serial_number(certificate: bytes | str) -> str:
    """Return the serial number in upper-case hexadecimal, highest byte first.

    A leading 00 that the certificate has stays, as in .NET. Source: Functions Reference, CertSerialNumber.
    """
    return load(certificate).serial.hex().upper()


@function("num CertVersion(bin|str certificate)")
def version(certificate: bytes | str) -> int:
    """Return the version of the X.509 format, usually 3.

    The syntax line on the page is that of CertThumbprint; a number, as X509Certificate2.Version (open).
    Source: Functions Reference, CertVersion.
    """
    return load(certificate).version()


@function("dt CertNotAfter(bin|str certificate)")
def not_after(certificate: bytes | str) -> datetime:
    """Return the moment after which the certificate is no longer valid.

    Example: Where($item,[userCertificate],CertNotAfter($item)>Now()). Open: the page says local time, and the type UTC. The
    moment is the same; it is UTC here, so that comparing it with Now() does not depend on the computer's time zone.
    Source: Functions Reference, CertNotAfter.
    """
    return load(certificate).not_after()


@function("dt CertNotBefore(bin|str certificate)")
def not_before(certificate: bytes | str) -> datetime:
    """Return the moment from which the certificate is valid, in UTC like CertNotAfter.

    Source: Functions Reference, CertNotBefore.
    """
    return load(certificate).not_before()


@function("str CertNameInfo(bin|str certificate, str x509NameType, bool includesIssuerName)")
def name_info(certificate: bytes | str, name_type: str, of_issuer: bool) -> str:
    """Return one name of the subject, or of the issuer when *includesIssuerName* is True; "" where it has none.

    Example: CertNameInfo($item,"UpnName",False). Types: SimpleName (CN, else OU, O, E), EmailName, UpnName, DnsName (alternative
    name, else CN), DnsFromAlternativeName, UrlName; any other is an error.
    Source: Functions Reference, CertNameInfo; .NET API, X509Certificate2.GetNameInfo.
    """
    if name_type not in NAME_TYPES:
        raise EvaluationError(f"the name type is none of {', '.join(NAME_TYPES)}")
    return _name(load(certificate), name_type, of_issuer=of_issuer)


def _name(certificate: Certificate, name_type: str, *, of_issuer: bool) -> str:
    alternatives, parts = (
        certificate.alternative_names(of_issuer=of_issuer),
        certificate.name_parts(of_issuer=of_issuer),
    )
    match name_type:
        case "SimpleName":
            return next((parts[key] for key in ("CN", "OU", "O", "E") if key in parts), "")
        case "EmailName":
            return alternatives.get("email") or parts.get("E", "")
        case "UpnName":
            return alternatives.get("upn", "")
        case "DnsName":
            return alternatives.get("dns") or parts.get("CN", "")
        case "DnsFromAlternativeName":
            return alternatives.get("dns", "")
        case _:
            return alternatives.get("url", "")
