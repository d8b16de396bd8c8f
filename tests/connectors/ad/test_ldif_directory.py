"""What is particular to the LDIF directory: unreadable.txt, incomplete exports, ranges, its check."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from adsyncdiag.connectors.ad.ldif import LdifDirectory
from adsyncdiag.errors import ConfigurationError
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable

ANN = Dn.parse("CN=Ann,DC=contoso,DC=com")
STAFF = Dn.parse("CN=Staff,DC=contoso,DC=com")


def entry(name: str, *lines: str, guid: bool = True) -> str:
    """Return the record of a group."""
    identity = f"objectGUID:: {base64.b64encode(UUID(int=len(name)).bytes_le).decode()}\n" if guid else ""
    more = "".join(f"{line}\n" for line in lines)
    return f"dn: CN={name},DC=contoso,DC=com\nobjectClass: top\nobjectClass: group\n{identity}{more}\n"


@pytest.mark.parametrize("how", ["file beside it", "file named", "set"])
def test_a_listed_dn_is_answered_as_without_rights(
    ldif: Callable[..., LdifDirectory], tmp_path: Path, how: str
) -> None:
    """The list is unreadable.txt beside the export, another file, or a set; comments and blank lines do not count."""
    text = "\ufeff# hidden from the account\n\n  cn=ANN, dc=contoso,dc=com  \n"
    named = tmp_path / ("unreadable.txt" if how == "file beside it" else "hidden.txt")
    named.write_text(text, encoding="utf-8")
    options = {"file named": {"unreadable": named}, "set": {"unreadable": frozenset({ANN})}}.get(how, {})
    directory = ldif(entry("Ann") + entry("Staff", "member: CN=Ann,DC=contoso,DC=com"), **options)
    found = directory.read(ANN)
    assert isinstance(found, Unreadable)
    assert "Active Directory gives the same answer to both" in found.reason
    assert directory.is_member(ANN, STAFF) is None
    assert isinstance(directory.read(STAFF), Image)
    assert directory.is_member(STAFF, ANN) is True
    assert directory.check()["unreadable"] == "1"


def test_a_listed_account_resolves_no_sid(ldif: Callable[..., LdifDirectory]) -> None:
    """An owner the account may not see is no value, as in AD."""
    text = entry("Owner", "objectSid: S-1-5-18") + entry("Ann", "mS-DS-CreatorSID: S-1-5-18")
    seen = ldif(text).read(ANN)
    hidden = ldif(text, unreadable=frozenset({Dn.parse("CN=Owner,DC=contoso,DC=com")})).read(ANN)
    assert isinstance(seen, Image)
    assert isinstance(hidden, Image)
    assert ("mS-DS-CreatorSID" in seen.attributes, "mS-DS-CreatorSID" in hidden.attributes) == (True, False)


def test_a_broken_list_names_file_and_line(ldif: Callable[..., LdifDirectory], tmp_path: Path) -> None:
    """A line that is no DN is an error with its place; so is a named file that is not there."""
    (tmp_path / "unreadable.txt").write_text("# fine\nAnn\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        ldif(entry("Ann")).read(ANN)
    assert (Path(caught.value.file).name, caught.value.element) == ("unreadable.txt", "line 2")
    with pytest.raises(ConfigurationError, match=r"gone\.txt"):
        ldif(entry("Ann"), unreadable=tmp_path / "gone.txt").read(ANN)


def test_an_entry_without_guid_says_how_to_export_it(ldif: Callable[..., LdifDirectory]) -> None:
    """Ldifde leaves objectGUID out with some options; the sentence names one that does not."""
    directory = ldif(entry("Ann", guid=False))
    found = directory.read(ANN)
    assert isinstance(found, Unreadable)
    assert "without objectGUID" in found.reason
    assert "ldifde" in found.reason
    assert directory.is_member(ANN, STAFF) is None


def test_ranges_are_joined_and_a_cut_one_is_refused(ldif: Callable[..., LdifDirectory]) -> None:
    """A group with all its ranges is whole; with the first only, a sync would remove the other members."""
    first, rest = "member;range=0-0: CN=A,DC=contoso,DC=com", "member;range=1-*: CN=B,DC=contoso,DC=com"
    a, b, c = (Dn.parse(f"CN={name},DC=contoso,DC=com") for name in "ABC")
    whole = ldif(entry("Staff", first, rest))
    found = whole.read(STAFF)
    assert isinstance(found, Image)
    assert len(found.attributes["member"]) == 2
    assert (whole.is_member(STAFF, b), whole.is_member(STAFF, c)) == (True, False)
    cut = ldif(entry("Staff", first))
    missing = cut.read(STAFF)
    assert isinstance(missing, Unreadable)
    assert "only 1 values of member" in missing.reason
    assert (cut.is_member(STAFF, a), cut.is_member(STAFF, b)) == (True, None)


def test_a_cut_range_of_an_attribute_that_is_not_included_does_no_harm(ldif: Callable[..., LdifDirectory]) -> None:
    """Only what the image would have must be whole."""
    assert isinstance(ldif(entry("Ann", "memberOf;range=0-1499: CN=X,DC=contoso,DC=com")).read(ANN), Image)


def test_an_absent_object_is_explained_by_an_incomplete_export(ldif: Callable[..., LdifDirectory]) -> None:
    """Ldapsearch ends with its result; size limit exceeded means that the rest is missing."""
    directory = ldif(entry("Bob") + "# search result\nsearch: 2\nresult: 4 Size limit exceeded\n")
    found = directory.read(ANN)
    assert isinstance(found, Unreadable)
    assert "4 Size limit exceeded" in found.reason
    assert "4 Size limit exceeded" in directory.check()["incomplete"]


def test_an_absent_object_of_another_domain_names_the_domains_of_the_file(
    ldif: Callable[..., LdifDirectory],
) -> None:
    """The file of one domain has no objects of another, even where the connector covers it."""
    found = ldif("dn: CN=Bob,DC=fabrikam,DC=com\nobjectClass: user\n").read(ANN)
    assert isinstance(found, Unreadable)
    assert "objects of dc=fabrikam,dc=com only" in found.reason


def test_check_says_what_was_read(ldif: Callable[..., LdifDirectory]) -> None:
    """Path, encoding, entries, domains, and when it was written."""
    facts = ldif((entry("Ann") + entry("Staff") + "dn:\nnamingContexts: x\n").encode("utf-16")).check()
    assert facts["encoding"] == "UTF-16"
    assert facts["entries"] == "2"
    assert facts["domains"] == "dc=contoso,dc=com"
    assert facts["file"].endswith("forest.ldif")
    assert facts["written"].endswith("Z")
    assert "incomplete" not in facts


def test_members_with_hostile_names_do_not_break_a_membership(ldif: Callable[..., LdifDirectory]) -> None:
    """A member value that is no DN is passed over."""
    directory = ldif(entry("Staff", "member: nonsense", "member:: /w==", "member: CN=Ann,DC=contoso,DC=com"))
    assert directory.is_member(STAFF, ANN) is True


def test_only_wanted_entries_are_decoded(ldif: Callable[..., LdifDirectory], connector: Connector) -> None:
    """A broken entry hurts whoever reads it, and nobody else."""
    directory = ldif(entry("Ann") + "dn: CN=Bad,DC=contoso,DC=com\nbroken\n\n" + entry("Staff"))
    assert isinstance(directory.read(ANN), Image)
    assert isinstance(directory.read(STAFF), Image)
    with pytest.raises(ConfigurationError, match="line"):
        directory.read(Dn.parse("CN=Bad,DC=contoso,DC=com"))
