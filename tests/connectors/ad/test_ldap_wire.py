"""The live directory against a stub server: what Samba is too lax, too kind or too whole to do."""

from __future__ import annotations

import socket
import ssl
import threading
from uuid import UUID

import pytest

from adsyncdiag.connectors.ad import session
from adsyncdiag.errors import ConfigurationError, ConnectorError, ConnectorRefused, ConnectorUnreachable
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable
from adsyncdiag.model.values import Reference

PEOPLE = "OU=People,OU=CORP,DC=contoso,DC=com"
ANN = Dn.parse(f"CN=Ann,{PEOPLE}")
STAFF = Dn.parse(f"CN=Staff,{PEOPLE}")
GUID = UUID("00112233-4455-6677-8899-aabbccddeeff")
SECRET = "Pa55-that-must-not-show"
IDENTITY = {"objectGUID": [GUID.bytes_le], "objectClass": [b"top", b"group"]}


def members(count: int) -> list[bytes]:
    """Return the DNs of so many members."""
    return [f"CN=Member {number:05d},{PEOPLE}".encode() for number in range(count)]


def controller(stub, count: int, limit: int):
    """Answer like a domain controller with MaxValRange *limit* for a group of *count* members."""
    values = members(count)

    def respond(search) -> list:
        asked = next((name for name in search.attributes if name.lower().startswith("member")), None)
        attributes = dict(IDENTITY)
        if asked:
            low, _, high = asked.lower().removeprefix("member;range=").partition("-")
            end = min(count, int(low) + limit, int(high) + 1 if high != "*" else count)
            piece = values[int(low) : end]
            attributes[f"member;range={low}-{'*' if end == count else end - 1}"] = piece
        return [stub.entry(str(STAFF), attributes), stub.done()]

    return respond


@pytest.mark.parametrize("count", [1, 1499, 1500, 1501, 3000, 4110])
def test_ranges_are_followed_to_the_end(stub, live_directory, count: int) -> None:
    """A group arrives whole, whatever its size is to the range of 1,500 values."""
    stub.respond = controller(stub, count, 1500)
    found = live_directory(stub).read(STAFF)
    assert isinstance(found, Image)
    assert found.attributes["member"] == tuple(Reference(value.decode()) for value in members(count))


def test_a_server_with_smaller_ranges_than_asked_for_is_followed(stub, live_directory) -> None:
    """The server's own limit decides how far a range goes; the next one starts where it ended."""
    stub.respond = controller(stub, 25, 10)
    found = live_directory(stub).read(STAFF)
    assert isinstance(found, Image)
    assert len(found.attributes["member"]) == 25
    asked = [name for search in stub.searches for name in search.attributes if name.startswith("member")]
    assert [name.split("-")[0] for name in asked] == ["member;range=0", "member;range=10", "member;range=20"]


def test_an_automatic_range_of_any_attribute_is_followed(stub, live_directory) -> None:
    """AD ranges every large attribute on its own; what comes as proxyAddresses;range=0-1 is completed too."""
    addresses = [b"smtp:a@x", b"smtp:b@x", b"smtp:c@x"]

    def respond(search) -> list:
        later = [name for name in search.attributes if name.startswith("proxyAddresses;range=2-")]
        part = {"proxyAddresses;range=2-*": addresses[2:]} if later else {"proxyAddresses;Range=0-1": addresses[:2]}
        return [stub.entry(str(ANN), {**IDENTITY, **part}), stub.done()]

    stub.respond = respond
    found = live_directory(stub).read(ANN)
    assert isinstance(found, Image)
    assert found.attributes["proxyAddresses"] == ("smtp:a@x", "smtp:b@x", "smtp:c@x")


@pytest.mark.parametrize("answer", ["member;range=0-9", "member;range=20-29", "member;range=10-5"])
def test_a_range_that_does_not_go_on_is_refused(stub, live_directory, answer: str) -> None:
    """A server that repeats, skips or turns back would lose or repeat members for ever; the read fails instead."""

    def respond(search) -> list:
        first = any(name == "member;range=0-1499" for name in search.attributes)
        name = "member;range=0-9" if first else answer
        return [stub.entry(str(STAFF), {**IDENTITY, name: members(10)}), stub.done()]

    stub.respond = respond
    with pytest.raises(ConnectorRefused, match="cannot be read whole") as caught:
        live_directory(stub).read(STAFF)
    assert caught.value.code == "failed-search"


def test_a_group_that_shrinks_between_two_ranges_ends_there(stub, live_directory) -> None:
    """No further values is the end of the group, not an error."""

    def respond(search) -> list:
        first = any(name == "member;range=0-1499" for name in search.attributes)
        attributes = {**IDENTITY, "member;range=0-9": members(10)} if first else IDENTITY
        return [stub.entry(str(STAFF), attributes), stub.done()]

    stub.respond = respond
    found = live_directory(stub).read(STAFF)
    assert isinstance(found, Image)
    assert len(found.attributes["member"]) == 10


def test_a_connection_that_drops_between_ranges_starts_the_read_again(stub, live_directory) -> None:
    """The new connection may lead to another controller with another order, so no range of the old one is kept."""
    whole = controller(stub, 30, 10)

    def respond(search) -> list:
        if search.connection == 1 and any(name.startswith("member;range=10-") for name in search.attributes):
            return [stub.DROP]
        return whole(search)

    stub.respond = respond
    found = live_directory(stub).read(STAFF)
    assert isinstance(found, Image)
    assert len(found.attributes["member"]) == 30
    firsts = [search.connection for search in stub.searches if "member;range=0-1499" in search.attributes]
    assert firsts == [1, 2]


def test_a_read_whose_every_range_drops_is_given_up(stub, live_directory) -> None:
    """Three beginnings are enough; a part of a group is never an answer."""
    whole = controller(stub, 30, 10)
    begun: list[int] = []

    def respond(search) -> list:
        if "member;range=0-1499" in search.attributes:
            begun.append(search.connection)
        elif search.connection in begun:
            return [stub.DROP]  # the reconnected one goes on, but it is not the one the read began on
        return whole(search)

    stub.respond = respond
    with pytest.raises(ConnectorRefused, match="drops again and again"):
        live_directory(stub).read(STAFF)
    assert begun == [1, 2, 3]


@pytest.mark.parametrize("code", [1, 32, 51])
def test_a_range_that_is_refused_fails_the_read(stub, live_directory, code: int) -> None:
    """An error in the middle of a group is an error, not the end of the group."""
    whole = controller(stub, 30, 10)
    stub.respond = lambda search: whole(search) if "objectClass" in search.attributes else [stub.done(code)]
    with pytest.raises(ConnectorRefused, match=f"result {code} where member from 10 was due"):
        live_directory(stub).read(STAFF)


def test_an_unused_connection_is_not_trusted_for_ever(stub, live_directory, monkeypatch: pytest.MonkeyPatch) -> None:
    """After minutes without use a new connection is opened, instead of waiting for one that a firewall forgot."""
    stub.respond = lambda search: [stub.entry(str(ANN), IDENTITY), stub.done()]
    directory = live_directory(stub)
    directory.read(ANN)
    monkeypatch.setattr(session, "_IDLE", -1.0)
    directory.read(ANN)
    assert stub.connections == 2


@pytest.mark.parametrize(
    ("matched", "there", "expected"), [(True, True, True), (False, True, False), (False, False, None)]
)
def test_membership_is_asked_of_the_server(
    stub, live_directory, matched: bool, there: bool, expected: bool | None
) -> None:
    """The filter finds the member; without a match a second search tells a readable group from a hidden one."""

    def respond(search) -> list:
        shown = matched if "member" in search.filter else True
        attributes = IDENTITY if there else {}
        return [*([stub.entry(str(STAFF), attributes)] if shown else []), stub.done()]

    stub.respond = respond
    assert live_directory(stub).is_member(STAFF, Dn.parse(r"CN=Doe\, (J) *,DC=contoso,DC=com")) is expected
    assert r"CN=Doe\, (J) *,DC=contoso,DC=com" in stub.searches[0].filter


def test_one_dropped_connection_is_opened_again(stub, live_directory) -> None:
    """A server that ends the connection in the middle of an answer costs one reconnection, not the read."""

    def respond(search) -> list:
        entry = stub.entry(str(ANN), IDENTITY)
        return [entry, stub.DROP] if search.connection == 1 else [entry, stub.done()]

    stub.respond = respond
    assert isinstance(live_directory(stub).read(ANN), Image)
    assert stub.connections == 2


def test_a_notice_of_disconnection_is_a_dropped_connection(stub, live_directory) -> None:
    """A server that says goodbye ([RFC 4511] 4.4.1) is connected to once more."""

    def respond(search) -> list:
        return [stub.notice(), stub.DROP] if search.connection == 1 else [stub.entry(str(ANN), IDENTITY), stub.done()]

    stub.respond = respond
    assert isinstance(live_directory(stub).read(ANN), Image)


def test_a_connection_that_always_drops_is_given_up_after_the_second_try(stub, live_directory) -> None:
    """Twice is enough: the error has the run-step code dropped-connection, and an entry without the end is no object."""
    stub.respond = lambda search: [stub.entry(str(ANN), IDENTITY), stub.DROP]
    with pytest.raises(ConnectorUnreachable, match="ended the connection") as caught:
        live_directory(stub).read(ANN)
    assert caught.value.code == "dropped-connection"
    assert stub.connections == 2


def test_an_answer_that_never_comes_times_out(stub, live_directory) -> None:
    """A hanging server is an error after the time-out, without a second wait for the same."""
    stub.respond = lambda search: [stub.HANG]
    directory = live_directory(stub, timeout=0.5)
    with pytest.raises(ConnectorUnreachable, match=r"within 0\.5 s while reading CN=Ann") as caught:
        directory.read(ANN)
    assert caught.value.code == "dropped-connection"
    assert stub.connections == 1


def test_one_connection_serves_every_read(stub, live_directory) -> None:
    """The directory connects on first use, once; a close says so, and the next read connects again."""
    stub.respond = lambda search: [stub.entry(str(ANN), IDENTITY), stub.done()]
    directory = live_directory(stub)
    assert stub.connections == 0
    for _ in range(3):
        directory.read(ANN)
    assert stub.connections == 1
    directory.close()
    directory.read(ANN)
    assert (stub.connections, len(stub.binds)) == (2, 2)


GARBAGE = [
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\x30\x03\x02\x01\x02",
    b"\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x63\x04\x00\x04\x00",
]


@pytest.mark.parametrize("answer", [*GARBAGE, b"\x30\x05\x02\x01\x02\xff\x00", b"\x00" * 40])
def test_an_answer_that_is_not_ldap_is_translated(stub, live_directory, answer: bytes) -> None:
    """Whatever a server sends, nothing but our own errors leaves the adapter."""
    stub.respond = lambda search: [answer, stub.DROP]
    with pytest.raises(ConnectorUnreachable) as caught:
        live_directory(stub).read(ANN)
    assert caught.value.code in ("failed-search", "dropped-connection")


def test_a_result_code_that_ldap3_does_not_know_is_translated(stub, live_directory) -> None:
    """ldap3 fails on code 76 with a KeyError; what leaves the adapter is an error of ours."""
    stub.respond = lambda search: [stub.done(76)]
    with pytest.raises(ConnectorUnreachable, match="cannot be understood"):
        live_directory(stub).read(ANN)


def test_a_referral_names_the_other_server_and_is_not_followed(stub, live_directory) -> None:
    """The other server is named in the sentence, and never gets the password."""
    stub.respond = lambda search: [stub.done(10, referrals=("ldap://emea.contoso.com/DC=emea,DC=contoso,DC=com",))]
    found = live_directory(stub).read(Dn.parse("CN=Ann,DC=emea,DC=contoso,DC=com"))
    assert isinstance(found, Unreadable)
    assert "ldap://emea.contoso.com/DC=emea,DC=contoso,DC=com" in found.reason
    assert stub.connections == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (32, "either there is none, or the connector account svc@contoso.com may not see it"),
        (50, "svc@contoso.com lacks the right"),
        (34, "does not accept CN=Ann"),
    ],
)
def test_result_codes_about_the_object_make_it_unreadable(stub, live_directory, code: int, words: str) -> None:
    """No such object, no rights and a name the server rejects are answers, not errors, for reads and memberships."""
    stub.respond = lambda search: [stub.done(code, matched=PEOPLE, message="0000208D: NameErr\x00\x1b[31m")]
    directory = live_directory(stub)
    found = directory.read(ANN)
    assert isinstance(found, Unreadable)
    assert words in found.reason
    assert "\x1b" not in found.reason
    assert directory.is_member(STAFF, ANN) is None


def test_no_such_object_names_the_nearest_container(stub, live_directory) -> None:
    """A typing error in an OU is found by the container that does exist."""
    stub.respond = lambda search: [stub.done(32, matched="OU=CORP,DC=contoso,DC=com")]
    found = live_directory(stub).read(ANN)
    assert isinstance(found, Unreadable)
    assert "nearest container it shows is OU=CORP,DC=contoso,DC=com" in found.reason


@pytest.mark.parametrize(
    ("code", "kind", "run_step", "words"),
    [
        (3, ConnectorUnreachable, "failed-search", "time limit"),
        (4, ConnectorRefused, "failed-search", "size limit"),
        (11, ConnectorRefused, "failed-search", "administrative limit"),
        (51, ConnectorUnreachable, "failed-search", "busy"),
        (52, ConnectorUnreachable, "failed-search", "not available"),
        (53, ConnectorRefused, "failed-search", "unwilling"),
        (1, ConnectorRefused, "failed-search", "operations error"),
        (71, ConnectorRefused, "failed-search", "LDAP result 71"),
    ],
)
def test_result_codes_about_the_server_are_errors(
    stub, live_directory, code: int, kind: type[ConnectorError], run_step: str, words: str
) -> None:
    """Limits and a server in trouble raise, so that nobody takes the object for absent."""
    stub.respond = lambda search: [stub.done(code, message="00002024: SvcErr: DSID-02050BBD, data 0")]
    with pytest.raises(kind, match=words) as caught:
        live_directory(stub).read(ANN)
    assert caught.value.code == run_step
    assert "DSID-02050BBD" in caught.value.message


SUB_CODES = [
    ("525", "no such account"),
    ("52e", "name or its password is wrong"),
    ("52f", "account restriction"),
    ("530", "time of day"),
    ("531", "this computer"),
    ("532", "password has expired"),
    ("533", "disabled"),
    ("701", "account has expired"),
    ("773", "must change its password"),
    ("775", "locked out"),
    ("fff", "name or its password is wrong"),
]


@pytest.mark.parametrize(("sub_code", "words"), SUB_CODES)
def test_every_bind_sub_code_has_its_sentence(stub, live_directory, sub_code: str, words: str) -> None:
    """What AD hides behind result 49 is said in words, with the setting, and without the password."""
    stub.bind_answer = (
        49,
        f"80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {sub_code}, v2580\x00",
    )
    with pytest.raises(ConnectorRefused, match=words) as caught:
        live_directory(stub).read(ANN)
    assert caught.value.code == "failed-authentication"
    assert "svc@contoso.com" in caught.value.message
    assert SECRET not in str(caught.value)
    if sub_code in ("525", "52e"):
        assert '[ad."contoso.com"] user' in caught.value.hint
        assert "ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM" in caught.value.hint


def test_channel_binding_is_told_from_a_wrong_password(stub, live_directory) -> None:
    """80090346 is a demand for channel binding tokens, whatever its data field says."""
    stub.bind_answer = (
        49,
        "80090346: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 80090346, v4563",
    )
    with pytest.raises(ConnectorRefused, match="channel binding"):
        live_directory(stub).read(ANN)


@pytest.mark.parametrize("code", [8, 13])
def test_stronger_authentication_required_names_the_way_out(stub, live_directory, code: int) -> None:
    """A server that wants signing is told by LDAPS or StartTLS."""
    stub.bind_answer = (
        code,
        "00002028: LdapErr: DSID-0C090202, comment: The server requires binds to turn on integrity",
    )
    with pytest.raises(ConnectorRefused, match="protected connection") as caught:
        live_directory(stub).read(ANN)
    assert caught.value.code == "failed-authentication"
    assert "ldaps://" in caught.value.hint


@pytest.mark.parametrize(("code", "kind"), [(51, ConnectorUnreachable), (53, ConnectorRefused), (7, ConnectorRefused)])
def test_other_bind_results_are_errors_too(stub, live_directory, code: int, kind: type[ConnectorError]) -> None:
    """Busy is worth another try, unwilling is not."""
    stub.bind_answer = (code, "")
    with pytest.raises(kind):
        live_directory(stub).read(ANN)


def test_a_server_that_leaves_during_the_bind_is_unreachable(stub, live_directory) -> None:
    """The end of the connection instead of a bind answer is an error of ours, with the setting to check."""
    stub.bind_answer = stub.DROP
    with pytest.raises(ConnectorUnreachable, match="before the account was bound"):
        live_directory(stub).read(ANN)


def test_an_empty_password_is_refused_before_anything_is_sent(stub, live_directory) -> None:
    """AD takes a name with an empty password as nobody's bind and then shows an empty directory ([RFC 4513] 5.1.2)."""
    with pytest.raises(ConfigurationError, match=r"password of svc@contoso\.com is empty"):
        live_directory(stub, password=lambda: "").read(ANN)
    assert stub.connections == 0


def test_the_password_goes_out_as_it_is(stub, live_directory) -> None:
    """No SASLprep: a password with characters that it would change still fits."""
    odd = "ªÅ\u00a0x\u00ad"
    stub.respond = lambda search: [stub.done(32)]
    live_directory(stub, password=lambda: odd).read(ANN)
    assert [bind.password for bind in stub.binds] == [odd.encode()]


def test_start_tls_comes_before_the_password(stub_with, live_directory) -> None:
    """With StartTLS the bind is inside the encrypted connection."""
    stub = stub_with(start_tls=True)
    directory = live_directory(stub, start_tls=True)
    directory.read(ANN)
    assert [bind.encrypted for bind in stub.binds] == [True]


def test_a_server_that_refuses_start_tls_never_sees_the_password(stub_with, live_directory) -> None:
    """No fallback to clear text."""
    stub = stub_with(start_tls=True)
    stub.start_tls_answer = 52
    with pytest.raises(ConnectorUnreachable, match="does not start TLS"):
        live_directory(stub, start_tls=True).read(ANN)
    assert stub.binds == []


def test_start_tls_verifies_the_certificate_too(stub_with, authority, live_directory) -> None:
    """A wrong name in the certificate ends StartTLS like LDAPS."""
    stub = stub_with(authority.server("dc9.contoso.com"), start_tls=True)
    with pytest.raises(ConnectorUnreachable, match="not made out to this address"):
        live_directory(stub, start_tls=True).read(ANN)
    assert stub.binds == []


def test_an_expired_certificate_is_named(stub_with, authority, live_directory) -> None:
    """The reason is the certificate's end, not just that verification failed."""
    stub = stub_with(authority.server(days=-1))
    with pytest.raises(ConnectorUnreachable, match="certificate has expired") as caught:
        live_directory(stub).read(ANN)
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert stub.binds == []


def test_a_self_signed_certificate_names_the_setting_for_trust(stub_with, authority, live_directory) -> None:
    """The hint is ca_file, the setting that mends it."""
    stub = stub_with(authority.server(itself=True))
    with pytest.raises(ConnectorUnreachable, match="self-signed") as caught:
        live_directory(stub).read(ANN)
    assert '[ad."contoso.com"] ca_file' in caught.value.hint


def test_a_port_that_answers_in_clear_text_is_told_apart(live_directory) -> None:
    """Another service on the port gives a TLS error that names the setting, not a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connected, _ = listener.accept()
            with connected:
                connected.recv(4096)
                connected.sendall(b"220 mail.contoso.com ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(ConnectorUnreachable, match=r"The TLS connection to .* failed") as caught:
            live_directory(url=f"ldaps://127.0.0.1:{listener.getsockname()[1]}").read(ANN)
        thread.join()
    assert "TLS 1.2" in caught.value.hint


def test_a_port_that_does_not_speak_tls_is_told_apart(stub_with, live_directory) -> None:
    """A plain server on the port gives a TLS error of ours."""
    stub = stub_with(plain=True)
    with pytest.raises(ConnectorUnreachable, match=r"handshake|did not answer|TLS connection"):
        live_directory(stub, url=f"ldaps://127.0.0.1:{stub.port}", timeout=1).read(ANN)


@pytest.mark.parametrize("name", ["missing.pem", "empty.pem"])
def test_a_ca_file_that_is_no_certificate_is_a_setting_to_mend(stub, live_directory, tmp_path, name: str) -> None:
    """An unreadable ca_file is a configuration error that names the file and the setting."""
    path = tmp_path / name
    if name == "empty.pem":
        path.write_text("nothing here")
    with pytest.raises(ConfigurationError, match=name) as caught:
        live_directory(stub, ca_file=str(path)).read(ANN)
    assert caught.value.element == '[ad."contoso.com"] ca_file'


def test_an_entry_without_class_or_guid_is_unreadable(stub, live_directory) -> None:
    """An entry whose attributes are hidden is listed, and the reason names the right that is missing."""
    directory = live_directory(stub)
    stub.respond = lambda search: [stub.entry(str(ANN), {}), stub.done()]
    hidden = directory.read(ANN)
    assert isinstance(hidden, Unreadable)
    assert "Read All Properties" in hidden.reason
    stub.respond = lambda search: [stub.entry(str(ANN), {"objectGUID": [GUID.bytes_le]}), stub.done()]
    classless = directory.read(ANN)
    assert isinstance(classless, Unreadable)
    assert "shows no objectClass" in classless.reason


def test_a_success_without_an_entry_is_unreadable(stub, live_directory) -> None:
    """A search that succeeds and brings nothing is taken for what it most likely is: hidden."""
    stub.respond = lambda search: [stub.done(0)]
    assert isinstance(live_directory(stub).read(ANN), Unreadable)


def test_an_entry_with_a_name_that_is_none_is_refused(stub, live_directory) -> None:
    """A DN from the server is checked like any other text from outside."""
    stub.respond = lambda search: [stub.entry("Ann \x1b[31m", IDENTITY), stub.done()]
    with pytest.raises(ConnectorRefused, match="no distinguished name") as caught:
        live_directory(stub).read(ANN)
    assert "\x1b" not in caught.value.message


def test_only_included_attributes_are_asked_for(stub, live_directory) -> None:
    """The request names the inclusion list and the identity of the object, and no password attribute."""
    live_directory(stub).read(ANN)
    asked = stub.searches[0].attributes
    assert {"objectClass", "objectGUID", "mail", "member;range=0-1499"} <= set(asked)
    assert "sn" not in asked
    assert "unicodePwd" not in asked


def test_a_search_fault_of_the_creator_is_not_taken_for_no_creator(stub, live_directory) -> None:
    """A busy server while the SID is resolved is an error; only an account that is not there leaves the value out."""
    sid = bytes.fromhex("010100000000000512000000")

    def respond(search) -> list:
        if search.base.startswith("<SID="):
            return [stub.done(51)]
        return [stub.entry(str(ANN), {**IDENTITY, "mS-DS-CreatorSID": [sid]}), stub.done()]

    stub.respond = respond
    with pytest.raises(ConnectorUnreachable, match=r"the account S-1-5-18"):
        live_directory(stub).read(ANN)


def test_the_check_reads_the_root_dse(stub, live_directory) -> None:
    """Facts without control characters; a clock that is wrong says by how much; a partition held elsewhere is named."""
    root = {
        "dnsHostName": [b"dc1.contoso.com\x1b[31m"],
        "namingContexts": [b"DC=fabrikam,DC=com"],
        "currentTime": [b"20010101000000.0Z"],
    }
    stub.respond = lambda search: [stub.entry("", root), stub.done()]
    facts = live_directory(stub).check()
    assert stub.searches[0].base == ""
    assert facts["host name"] == "dc1.contoso.com [31m"
    assert facts["partitions"] == "DC=contoso,DC=com not held here"
    assert facts["clock"].startswith("2001-01-01T00:00:00Z, ")
    assert facts["clock"].endswith(" s behind this computer")


def test_the_check_of_a_server_in_trouble_is_an_error(stub, live_directory) -> None:
    """No root DSE, no facts."""
    stub.respond = lambda search: [stub.done(52)]
    with pytest.raises(ConnectorUnreachable, match="root DSE"):
        live_directory(stub).check()


def test_an_unknown_host_name_is_said_to_be_unknown(live_directory) -> None:
    """A name that does not resolve is told from a server that is down."""
    with pytest.raises(ConnectorUnreachable, match=r"dc\.invalid is not known to the network"):
        live_directory(url="ldaps://dc.invalid").read(ANN)


def test_every_address_of_a_name_is_tried(stub_with, authority, live_directory) -> None:
    """Localhost has ::1 and 127.0.0.1; the server listens on one of them only."""
    stub = stub_with(authority.server("localhost"))
    stub.respond = lambda search: [stub.entry(str(ANN), IDENTITY), stub.done()]
    assert isinstance(live_directory(url=f"ldaps://localhost:{stub.port}").read(ANN), Image)


def test_nothing_shows_the_password(stub, live_directory) -> None:
    """Neither repr of the directory nor of its parts has it."""
    directory = live_directory(stub)
    directory.read(ANN)
    shown = repr(directory) + repr(vars(directory)) + repr(vars(vars(directory)["_session"]))
    assert SECRET not in shown
