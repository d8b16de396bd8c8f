"""A loopback LDAP server that says what a test tells it to: for what Samba is too lax, too kind or too whole to do.

It speaks TLS (or StartTLS), binds, and answers base searches. Requests are decoded and answers encoded with pyasn1 and
ldap3's protocol classes, so nothing of the adapter under test is used.
"""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ldap3.protocol import rfc4511
from pyasn1.codec.ber import decoder, encoder

DROP = object()
"""An answer that ends the connection."""
HANG = object()
"""An answer that never comes."""


@dataclass(frozen=True)
class Search:
    """A search request as it arrived."""

    base: str
    attributes: tuple[str, ...]
    filter: str
    connection: int
    """1 for the first connection."""


@dataclass(frozen=True)
class Bind:
    """A bind request as it arrived."""

    name: str
    password: bytes
    encrypted: bool


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
        certificate = self._signed(self._name, self._key.public_key(), [], authority=True)
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, name: str = "127.0.0.1", *, days: int = 1, itself: bool = False) -> Path:
        """Return a file with a server's key and certificate; *days* below 0 make an expired one."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            alternative = x509.DNSName(name)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._signed(subject, key.public_key(), [alternative], days=days, signer=key if itself else None)
        path = self._folder / f"server-{abs(hash((name, days, itself)))}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def _signed(self, subject, public, names, *, days: int = 1, authority: bool = False, signer=None):
        now = datetime.datetime.now(datetime.UTC)
        signing = signer or self._key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if signer else self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=3))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        )
        if authority:
            usage = dict.fromkeys(
                ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
            )
            builder = builder.add_extension(
                x509.KeyUsage(digital_signature=False, key_cert_sign=True, crl_sign=True, decipher_only=False, **usage),
                critical=True,
            )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(signing, hashes.SHA256())


class DirectoryStub:
    """The server; *respond* gives the messages that answer a search, and `bind_answer` how binds end."""

    def __init__(self, certificate: Path | None, *, start_tls: bool = False) -> None:
        self.binds: list[Bind] = []
        self.searches: list[Search] = []
        self.connections = 0
        self.bind_answer: tuple[int, str] | object = (0, "")
        self.start_tls_answer: int = 0
        self.respond: Callable[[Search], list] = lambda search: [self.done(32)]
        self.failures: list[BaseException] = []
        self._certificate = certificate
        self._start_tls = start_tls
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port = self._listener.getsockname()[1]
        self._spawn(self._accept)

    @property
    def url(self) -> str:
        """The address for the adapter."""
        return f"{'ldap' if self._start_tls else 'ldaps'}://127.0.0.1:{self.port}"

    @staticmethod
    def entry(dn: str, attributes: dict[str, list[bytes]]):
        """Return a search result entry."""
        message = rfc4511.SearchResultEntry()
        message["object"] = rfc4511.LDAPDN(dn)
        parts = rfc4511.PartialAttributeList()
        for at, (name, values) in enumerate(attributes.items()):
            part = rfc4511.PartialAttribute()
            part["type"] = rfc4511.AttributeDescription(name)
            part["vals"] = rfc4511.Vals().setComponents(*(rfc4511.AttributeValue(value) for value in values))
            parts.setComponentByPosition(at, part)
        message["attributes"] = parts
        return ("searchResEntry", message)

    @staticmethod
    def done(code: int = 0, *, matched: str = "", message: str = "", referrals: tuple[str, ...] = ()):
        """Return the message that ends a search."""
        return ("searchResDone", _result(rfc4511.SearchResultDone(), code, matched, message, referrals))

    @staticmethod
    def notice():
        """Return the Notice of Disconnection ([RFC 4511] 4.4.1)."""
        message = _result(rfc4511.ExtendedResponse(), 52, "", "shutting down", ())
        message["responseName"] = rfc4511.ResponseName("1.3.6.1.4.1.1466.20036")
        return ("extendedResp", message, 0)

    def close(self) -> None:
        """End every thread and socket."""
        self._ended.set()
        self._listener.close()
        for one in self._open:
            one.close()
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, what: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=self._guarded, args=(what, *args), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guarded(self, what: Callable[..., None], *args: object) -> None:
        try:
            what(*args)
        except OSError:
            pass  # the client left, or the test ended
        except Exception as error:  # noqa: BLE001  # shown by the fixture; a thread cannot fail a test
            self.failures.append(error)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connected, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            self._spawn(self._serve, connected, self.connections)

    def _serve(self, connected: socket.socket, number: int) -> None:
        connected.settimeout(10)
        self._open.append(connected)
        try:
            if not self._start_tls:
                connected = self._secured(connected)
            buffer = b""
            while chunk := connected.recv(65536):
                buffer += chunk
                while len(buffer) > 1 and buffer:
                    try:
                        message, buffer = decoder.decode(buffer, asn1Spec=rfc4511.LDAPMessage())
                    except Exception:  # noqa: BLE001  # pyasn1 has no one way to say: incomplete
                        break
                    connected, going_on = self._handle(connected, message, number)
                    if not going_on:
                        return
        finally:
            connected.close()

    def _secured(self, connected: socket.socket) -> socket.socket:
        if self._certificate is None:
            return connected
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        secured = context.wrap_socket(connected, server_side=True)
        self._open.append(secured)
        return secured

    def _handle(self, connected, message, number: int) -> tuple[socket.socket, bool]:
        identifier = int(message["messageID"])
        kind = message["protocolOp"].getName()
        request = message["protocolOp"].getComponent()
        if kind == "bindRequest":
            password = bytes(request["authentication"]["simple"])
            self.binds.append(Bind(str(request["name"]), password, isinstance(connected, ssl.SSLSocket)))
            if not isinstance(self.bind_answer, tuple):
                return connected, self._special(self.bind_answer)
            answer = ("bindResponse", _result(rfc4511.BindResponse(), self.bind_answer[0], "", self.bind_answer[1], ()))
            return connected, self._send(connected, identifier, answer)
        if kind == "extendedReq":
            answer = ("extendedResp", _result(rfc4511.ExtendedResponse(), self.start_tls_answer, "", "", ()))
            self._send(connected, identifier, answer)
            return (self._secured(connected) if not self.start_tls_answer else connected), True
        if kind == "searchRequest":
            search = Search(
                str(request["baseObject"]),
                tuple(str(name) for name in request["attributes"]),
                request["filter"].prettyPrint(),
                number,
            )
            self.searches.append(search)
            return connected, all(self._send(connected, identifier, answer) for answer in self.respond(search))
        return connected, False

    def _send(self, connected, identifier: int, answer) -> bool:
        if answer is DROP or answer is HANG:
            return self._special(answer)
        if isinstance(answer, bytes):
            connected.sendall(answer)
            return True
        message = rfc4511.LDAPMessage()
        message["messageID"] = rfc4511.MessageID(answer[2] if len(answer) > 2 else identifier)
        message["protocolOp"] = rfc4511.ProtocolOp().setComponentByName(answer[0], answer[1])
        connected.sendall(encoder.encode(message))
        return True

    def _special(self, answer: object) -> bool:
        if answer is HANG:
            self._ended.wait(20)
        return False


def _result(response, code: int, matched: str, message: str, referrals: tuple[str, ...]):
    response["resultCode"] = rfc4511.ResultCode(code)
    response["matchedDN"] = rfc4511.LDAPDN(matched)
    response["diagnosticMessage"] = rfc4511.LDAPString(message)
    if referrals:
        listed = rfc4511.Referral()
        for at, uri in enumerate(referrals):
            listed.setComponentByPosition(at, rfc4511.URI(uri))
        response["referral"] = listed
    return response
