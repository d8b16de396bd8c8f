"""Whatever a model object can hold comes back from the database exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import (
    AttributeChange,
    ChangeKind,
    Contribution,
    CsObject,
    Link,
    LinkAction,
    MvObject,
    MvValue,
    ObjectError,
    Shadow,
)
from adsyncdiag.model.runs import Run, RunObjectError, RunStep
from adsyncdiag.model.values import Reference
from adsyncdiag.store.encoding import dump, load, named_values, plain_values
from adsyncdiag.store.rows import attributes, attributes_blob
from adsyncdiag.store.sqlite import SqliteStore

# Everything a str can hold: lone surrogates and pairs of them (Graph's JSON may bring them), NUL, line breaks.
anything = st.text(
    st.one_of(st.characters(exclude_categories=[]), st.sampled_from("\ud83d\ude00\n\0\x7f\ufffe")), max_size=8
)
scalars = st.one_of(
    anything,
    st.integers(),
    st.booleans(),
    st.binary(max_size=8),
    st.builds(Reference, anything),
    st.sampled_from([2**63, -(2**63), 2**64]),
)
values = st.one_of(
    scalars, st.lists(scalars, max_size=4).map(tuple), st.lists(st.builds(Reference, anything)).map(tuple)
)
images = st.dictionaries(anything, values, max_size=4)
moments = st.datetimes(timezones=st.just(UTC))
uuids = st.uuids()
changes = st.lists(st.builds(AttributeChange, anything, st.none() | values, st.none() | values), max_size=3).map(tuple)
errors = st.builds(ObjectError, anything, anything, moments, moments, st.integers(0, 2**40), anything)
dns = st.builds(Dn, anything, st.lists(anything, max_size=3).map(tuple))


def exactly(one: object) -> object:
    """Return a form of *one* that is equal only when types, spelling and order are the same too."""
    if isinstance(one, Reference):
        return ("reference", one.text)
    if is_dataclass(one):
        return (type(one).__name__, *((field.name, exactly(getattr(one, field.name))) for field in fields(one)))
    if isinstance(one, Mapping):
        return ("mapping", [(name, exactly(value)) for name, value in one.items()])
    if isinstance(one, tuple):
        return ("tuple", [exactly(value) for value in one])
    return (type(one).__name__, one)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """One store for all examples of a property."""
    store = SqliteStore(tmp_path_factory.mktemp("round-trips") / "state.db")
    yield store
    store.close()


@given(images)
def test_attributes_come_back_exactly(image: dict) -> None:
    """Any map of attributes is the same after encoding and decoding, and is encoded to the same bytes again."""
    blob = dump(plain_values(image.items()))
    back = named_values(load(blob))
    assert exactly(back) == exactly(image)
    assert dump(plain_values(back.items())) == blob


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_connector_space_objects_come_back_exactly(lasting: SqliteStore, data: st.DataObject) -> None:
    """Any object of a connector space is the same after it was saved, whatever was saved under its identifier before."""
    metaverse = data.draw(st.builds(MvObject, st.uuids(), anything))
    entry = data.draw(
        st.builds(
            CsObject,
            id=st.sampled_from([metaverse.id, *data.draw(st.lists(uuids, max_size=1))]),
            connector=uuids,
            partition=uuids,
            dn=dns,
            object_type=anything,
            anchor=anything,
            imported=images,
            synchronized=st.none() | images,
            import_kind=st.sampled_from(ChangeKind),
            intended=images,
            export_kind=st.sampled_from(ChangeKind),
            export_changes=changes,
            unconfirmed=changes,
            shadows=st.dictionaries(anything, st.builds(Shadow, st.none() | values, st.none() | values), max_size=2),
            link=st.none()
            | st.builds(Link, st.just(metaverse.id), uuids, anything, st.sampled_from(LinkAction), moments),
            unresolved=st.lists(anything, max_size=3).map(tuple),
            sync_error=st.none() | errors,
            export_error=st.none() | errors,
            last_import=st.none() | moments,
            last_sync=st.none() | moments,
            last_export=st.none() | moments,
        )
    )
    with lasting.unit_of_work() as unit:
        unit.save_mv(metaverse)
        unit.save_cs(entry)
        found = unit.cs(entry.id)
        at_dn = unit.cs_by_dn(entry.connector, entry.dn)
        assert unit.linked(entry.connector, ["\n".join(entry.dn.key)]) == (
            {"\n".join(entry.dn.key): metaverse.id} if entry.link else {}
        )
        unit.remove_cs(entry.id)
    assert exactly(found) == exactly(entry)
    assert exactly(at_dn) == exactly(entry)


@given(
    st.builds(
        MvObject,
        uuids,
        anything,
        st.dictionaries(
            anything,
            st.builds(
                MvValue,
                values,
                st.lists(st.builds(Contribution, uuids, anything, uuids, uuids, moments), max_size=3).map(tuple),
            ),
            max_size=4,
        ),
    )
)
def test_metaverse_objects_come_back_exactly(lasting: SqliteStore, entry: MvObject) -> None:
    """Any metaverse object is the same after it was saved."""
    with lasting.unit_of_work() as unit:
        unit.save_mv(entry)
        found = unit.mv(entry.id)
    assert exactly(found) == exactly(entry)


@given(
    st.builds(
        Run,
        uuids,
        uuids,
        anything,
        anything,
        anything,
        moments,
        moments,
        anything,
        st.lists(
            st.builds(
                RunStep,
                st.integers(0, 9),
                anything,
                uuids,
                anything,
                moments,
                moments,
                st.dictionaries(anything, st.integers(0, 2**40), max_size=3),
                st.lists(st.builds(RunObjectError, st.none() | uuids, anything, anything, anything), max_size=2).map(
                    tuple
                ),
            ),
            max_size=2,
        ).map(tuple),
    )
)
def test_runs_come_back_exactly(lasting: SqliteStore, run: Run) -> None:
    """Any run is the same after it was added, but for its number."""

    class Undone(Exception):
        """Keeps the examples apart: each is rolled back."""

    def add() -> None:
        with lasting.unit_of_work() as unit:
            numbered = unit.add_run(run)
            assert exactly(lasting.runs(limit=1)) == exactly((numbered,))
            raise Undone

    with pytest.raises(Undone):
        add()


def test_what_was_read_can_be_used_like_a_dict() -> None:
    """Attributes that come from the store compare with, and turn into, ordinary dicts, in both directions."""
    image = {"mail": "a@x", "on": True}
    stored = attributes(attributes_blob(image))
    assert stored == image
    assert image == stored
    assert stored == attributes(attributes_blob({"on": True, "mail": "a@x"}))
    assert stored != {"mail": "a@x"}
    assert stored != "mail"
    assert dict(stored) == {**stored} == image
    assert list(stored) == list(stored.keys()) == ["mail", "on"]
    assert list(stored.values()) == ["a@x", True]
    assert "mail" in stored
    assert len(stored) == 2
    assert stored.get("mail") == "a@x"
    assert stored.get("no") is None
    assert stored.get("no", "else") == "else"
    assert repr(stored) == repr(image)
    with pytest.raises(KeyError):
        stored["no"]


def test_a_naive_time_is_refused(lasting: SqliteStore) -> None:
    """A time without a zone could be any moment, so it is a defect of the caller and not stored."""

    def save() -> None:
        with lasting.unit_of_work() as unit:
            naive = datetime(2026, 3, 2)  # noqa: DTZ001
            unit.save_cs(CsObject(*[UUID(int=1)] * 3, Dn.parse("CN=a"), "user", last_sync=naive))

    with pytest.raises(TypeError):
        save()
