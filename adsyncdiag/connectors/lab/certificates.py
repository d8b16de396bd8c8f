"""A certificate for the lab's HTTPS server, under a certification authority of its own.

`ca.pem` is what clients trust; `server.pem` (mode 0600) has the server's certificate and key. The authority's key is
dropped after it signed the one certificate, and it may sign for loopback names only: trusting `ca.pem` endangers nobody.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from adsyncdiag.connectors.lab.journal import replace_file
from adsyncdiag.errors import ConfigurationError

VALID = timedelta(days=365)
_EARLY = timedelta(days=1)
_NAMES = ("localhost",)
_ADDRESSES = ("127.0.0.1", "::1")


class Certificates(NamedTuple):
    """Where the files are."""

    ca: Path
    server: Path


def ensure_certificates(folder: Path, now: datetime) -> Certificates:
    """Return the certificates in *folder*; they are made when missing, damaged, or within a day of their end.

    Raises `ConfigurationError` when *folder* cannot be written.
    """
    found = Certificates(folder / "ca.pem", folder / "server.pem")
    if not _usable(found, now):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigurationError(f"cannot be made: {error.strerror}", file=str(folder)) from None
        _make(found, now)
    return found


def _usable(found: Certificates, now: datetime) -> bool:
    try:
        authority = x509.load_pem_x509_certificate(found.ca.read_bytes())
        content = found.server.read_bytes()
        server = x509.load_pem_x509_certificate(content)
        key = serialization.load_pem_private_key(content, None)
        server.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    own = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == server.public_key()
    return own and server.not_valid_before_utc <= now < server.not_valid_after_utc - _EARLY


def _make(found: Certificates, now: datetime) -> None:
    authority_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, now)
    server = _server(server_key, authority, authority_key, now)
    replace_file(found.ca, authority.public_bytes(serialization.Encoding.PEM))
    found.ca.chmod(0o644)  # a certificate is public, and its readers may be other accounts
    secret = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    replace_file(found.server, server.public_bytes(serialization.Encoding.PEM) + secret)


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "adsyncdiag lab, loopback only")])
    networks = [x509.IPAddress(ipaddress.ip_network(address)) for address in _ADDRESSES]
    permitted: list[x509.GeneralName] = [*(x509.DNSName(name) for name in _NAMES), *networks]
    return (
        _builder(name, name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _server(
    key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, signer: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in _ADDRESSES]
    names: list[x509.GeneralName] = [*(x509.DNSName(name) for name in _NAMES), *addresses]
    return (
        _builder(name, authority.subject, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
