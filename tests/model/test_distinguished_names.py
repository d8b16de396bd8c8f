"""Distinguished names: read as RFC 4514 writes them, compared as the directory compares them, harmless whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adsyncdiag.errors import UsageError
from adsyncdiag.model.names import Dn

SPECIAL = ',+"\\<>;='


@pytest.mark.parametrize(
    ("text", "components"),
    [
        # RFC 4514, section 4
        ("UID=jsmith,DC=example,DC=net", ["UID=jsmith", "DC=example", "DC=net"]),
        ("OU=Sales+CN=J.  Smith,DC=example,DC=net", ["OU=Sales+CN=J.  Smith", "DC=example", "DC=net"]),
        (r"CN=James \"Jim\" Smith\, III,DC=example,DC=net", [r"CN=James \"Jim\" Smith\, III", "DC=example", "DC=net"]),
        (r"CN=Before\0dAfter,DC=example,DC=net", [r"CN=Before\0dAfter", "DC=example", "DC=net"]),
        ("1.3.6.1.4.1.1466.0=#04024869", ["1.3.6.1.4.1.1466.0=#04024869"]),
        (r"CN=Lu\C4\8Di\C4\87", [r"CN=Lu\C4\8Di\C4\87"]),
        # as administrators paste them
        ("CN=Ann, OU=corp ,DC=contoso , DC=com", ["CN=Ann", "OU=corp", "DC=contoso", "DC=com"]),
        ("CN = Ann,DC=com", ["CN=Ann", "DC=com"]),
        (r"CN=Doe\, Jane,OU=corp,DC=com", [r"CN=Doe\, Jane", "OU=corp", "DC=com"]),
        (r'CN="Doe, Jane",OU=corp,DC=com', ['CN="Doe, Jane"', "OU=corp", "DC=com"]),
        (r"CN=a\\,OU=b", [r"CN=a\\", "OU=b"]),
        ("CN=a;OU=b", ["CN=a", "OU=b"]),  # RFC 2253, section 4
        (r"CN=a\ ,OU=b", [r"CN=a\ ", "OU=b"]),
        ("CN=a=b,OU=c", ["CN=a=b", "OU=c"]),
    ],
)
def test_a_name_is_split_where_its_components_end(text: str, components: list[str]) -> None:
    """Each component is the one the standard means: escapes and quotes hold separators back, blanks around them go."""
    dn: Dn | None = Dn.parse(text)
    found = []
    while dn is not None:
        found.append(dn.rdn)
        dn = dn.parent
    assert found == components


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=Ann,DC=contoso,DC=com", "cn=ANN,dc=Contoso,dc=COM"),
        ("CN=Ann,DC=com", " CN = Ann , DC = com "),
        (r"CN=Doe\, Jane,DC=com", r"CN=Doe\2C Jane,DC=com"),
        (r"CN=Doe\, Jane,DC=com", 'CN="Doe, Jane",DC=com'),
        (r"CN=Doe\2C Jane,DC=com", r"CN=Doe\2c Jane,DC=com"),
        (r"CN=Lu\C4\8Di\C4\87,DC=com", "CN=Lučić,DC=com"),
        (r"CN=\41nn,DC=com", "CN=Ann,DC=com"),
        (r"CN=a\=b,DC=com", "CN=a=b,DC=com"),
        (r"CN=\#1,DC=com", r"CN=\231,DC=com"),
        ("CN=a  b,DC=com", "CN=a b,DC=com"),
        ("OU=Sales+CN=Ann,DC=com", "CN=Ann+OU=Sales,DC=com"),
        ("CN=Straße,DC=com", "CN=STRASSE,DC=com"),
        ("CN=a;DC=com", "CN=a,DC=com"),
    ],
)
def test_spellings_of_one_name_are_equal(one: str, other: str) -> None:
    """Case, blanks, the way of escaping and the order within a component do not make another object."""
    first, second = Dn.parse(one), Dn.parse(other)
    assert first == second
    assert hash(first) == hash(second)
    assert first.is_under(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=Ann,DC=com", "CN=Ann,DC=net"),
        ("CN=Ann,DC=com", "OU=Ann,DC=com"),
        (r"CN=a\,OU=b,DC=com", "CN=a,OU=b,DC=com"),
        (r"CN=a\+OU=b,DC=com", "CN=a+OU=b,DC=com"),
        (r"CN=a\5C,DC=com", r"CN=a,DC=com"),
        ("CN=ab,DC=com", "CN=a b,DC=com"),
        (r"CN=a\0AOU=b,DC=com", "CN=a,DC=com"),
        ("CN=e\u0301,DC=com", "CN=e,DC=com"),
        (r"CN=a\22b\22,DC=com", "CN=ab,DC=com"),
    ],
)
def test_different_names_are_different(one: str, other: str) -> None:
    """What is escaped is part of the value: an escaped separator never makes the name of another object."""
    assert Dn.parse(one) != Dn.parse(other)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("Ann", "'Ann' at character 1"),
        ("CN=Ann,corp,DC=com", "'corp' at character 8"),
        ("CN=Ann,,DC=com", "'' at character 8"),
        ("CN=Ann,", "'' at character 8"),
        (",CN=Ann", "'' at character 1"),
        ("CN=,DC=com", "'CN=' at character 1"),
        ("CN=  ,DC=com", "'CN=' at character 1"),
        ("=Ann,DC=com", "'=Ann' at character 1"),
        ("C N=Ann,DC=com", "'C N=Ann' at character 1"),
        ("1a=Ann,DC=com", "'1a=Ann' at character 1"),
        ("CN=Ann+corp,DC=com", "'corp' at character 8"),
        ("CN=Ann,DC=com\\", "lone backslash"),
        ("contoso.com/corp/Ann", "'contoso.com/corp/Ann' at character 1"),
        ("ann@contoso.com", "'ann@contoso.com' at character 1"),
    ],
)
def test_what_is_no_name_is_refused_with_the_place(text: str, place: str) -> None:
    """The message quotes the component and counts to it; the hint shows a name as it should be."""
    with pytest.raises(UsageError) as caught:
        Dn.parse(text)
    assert place in caught.value.message
    assert caught.value.exit_code == 2


ANN = Dn.parse(r"CN=Doe\, Ann,OU=people,OU=corp,DC=contoso,DC=com")


@pytest.mark.parametrize(
    ("ancestor", "expected"),
    [
        ("dc=contoso,dc=com", True),
        ("OU=CORP,DC=contoso,DC=com", True),
        (r"CN=Doe\2C Ann,OU=people,OU=corp,DC=contoso,DC=com", True),
        ("DC=com", True),
        ("OU=orp,DC=contoso,DC=com", False),
        ("corp=x,DC=contoso,DC=com", False),
        ("OU=corp,DC=emea,DC=contoso,DC=com", False),
        ("OU=people,DC=contoso,DC=com", False),
        (r"CN=x,CN=Doe\, Ann,OU=people,OU=corp,DC=contoso,DC=com", False),
    ],
)
def test_ancestry_goes_by_components(ancestor: str, expected: bool) -> None:
    """A name lies under another only component by component, never because its text ends the same way."""
    assert ANN.is_under(Dn.parse(ancestor)) is expected


def test_an_escaped_separator_hides_no_ancestor() -> None:
    """A name whose value looks like a container does not lie in that container."""
    assert not Dn.parse(r"CN=x\,OU=Excluded,DC=com").is_under(Dn.parse("OU=Excluded,DC=com"))


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        (str(ANN), "DC=contoso,DC=com"),
        ("DC=contoso,DC=com", "DC=contoso,DC=com"),
        ("CN=a,dc=Contoso,dc=com", "dc=Contoso,dc=com"),
        (r"CN=a\,DC=evil,DC=contoso,DC=com", "DC=contoso,DC=com"),
        ("CN=a,DC=x,OU=b,DC=contoso,DC=com", "DC=contoso,DC=com"),
        ("CN=a,OU=b", None),
        ("DC=x,OU=b", None),
    ],
)
def test_the_domain_is_the_trailing_run_of_dc(text: str, domain: str | None) -> None:
    """The partition's name is what the name ends in; a DC further in front, or inside a value, does not count."""
    found = Dn.parse(text).domain
    assert (found.text if found else None) == domain
    assert found is None or Dn.parse(text).is_under(found)


# --- properties ---------------------------------------------------------------------------------------------------

VALUES = st.text(min_size=1, max_size=12).filter(lambda text: text.strip(" ") == text)
KINDS = st.sampled_from(["CN", "OU", "DC", "uid", "O", "2.5.4.3"])
PAIRS = st.lists(st.tuples(KINDS, VALUES), min_size=1, max_size=6)


def escaped(value: str) -> str:
    """A value as RFC 4514 2.4 writes it: the special characters behind a backslash."""
    shown = "".join(f"\\{char}" if char in SPECIAL else char for char in value).replace("\0", "\\00")
    return f"\\{shown}" if shown[0] in "# " else shown


def in_hexadecimal(value: str) -> str:
    """The same value with every byte as a pair of hexadecimal digits."""
    return "".join(f"\\{byte:02X}" for byte in value.encode("utf-8"))


def quoted(value: str) -> str:
    """The same value in quotation marks, as RFC 1779 writes it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(text=st.text(max_size=60))
@example("CN=a\\")
@example('CN="a')
@example("CN=\\zz,DC=com")
@example("CN=\\ff\\fe,DC=com")
@example("\udcff=\ud800")
@example("CN=\ud800,DC=com")
@example("CN=a\n,DC=com")
@example("CN=\u2003,DC=com")
@example('CN="a" b,DC=com')
def test_any_text_is_a_name_or_a_usage_error(text: str) -> None:
    """Whatever is given, the answer is a name or `UsageError`; what was read reads back as the same name."""
    try:
        dn = Dn.parse(text)
    except UsageError:
        return
    assert Dn.parse(str(dn)) == dn
    assert str(Dn.parse(str(dn))) == str(dn)
    assert len(dn.key) >= 1


@given(text=st.text(alphabet='CNOUD=,;+"\\ ab#<\n\t29f', max_size=40))
def test_texts_of_separators_are_names_or_usage_errors(text: str) -> None:
    """The same for texts made of what names are made of, which come closer."""
    try:
        dn = Dn.parse(text)
    except UsageError:
        return
    assert Dn.parse(dn.text) == dn
    assert Dn.parse(dn.text).text == dn.text
    up, steps = dn.parent, 1
    while up is not None:
        assert dn.is_under(up)
        assert Dn.parse(up.text) == up
        up, steps = up.parent, steps + 1
    assert steps == len(dn.key)


@given(pairs=PAIRS)
def test_the_three_ways_of_escaping_name_the_same_object(pairs: list[tuple[str, str]]) -> None:
    """Backslashes, hexadecimal pairs and quotation marks spell one and the same name."""
    names = [
        Dn.parse(",".join(f"{kind}={spelt(value)}" for kind, value in pairs))
        for spelt in (escaped, in_hexadecimal, quoted)
    ]
    assert names[0] == names[1] == names[2]
    assert len(names[0].key) == len(pairs)


@given(pairs=PAIRS)
def test_case_and_blanks_do_not_count(pairs: list[tuple[str, str]]) -> None:
    """Upper-case letters and blanks around separators leave the name what it is."""
    name = Dn.parse(",".join(f"{kind}={escaped(value)}" for kind, value in pairs))
    airy = Dn.parse(" , ".join(f" {kind.lower()} =  {escaped(value)}" for kind, value in pairs))
    assert airy == name
    assert airy.text.casefold() == name.text.casefold()


@given(one=PAIRS, other=PAIRS)
def test_different_values_never_collide(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    """Two names are equal exactly when their kinds and values are, folded."""

    def folded(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(kind.lower(), " ".join(part for part in value.casefold().split(" ") if part)) for kind, value in pairs]

    names = [Dn.parse(",".join(f"{kind}={escaped(value)}" for kind, value in pairs)) for pairs in (one, other)]
    assert (names[0] == names[1]) == (folded(one) == folded(other))


@given(pairs=PAIRS, below=PAIRS)
def test_a_name_lies_under_each_of_its_ancestors(pairs: list[tuple[str, str]], below: list[tuple[str, str]]) -> None:
    """Adding components in front makes a name below; the ancestor never lies under its descendant."""
    top = Dn.parse(",".join(f"{kind}={escaped(value)}" for kind, value in pairs))
    leaf = Dn.parse(",".join(f"{kind}={escaped(value)}" for kind, value in [*below, *pairs]))
    assert leaf.is_under(top)
    assert leaf.is_under(leaf)
    assert not top.is_under(leaf)
