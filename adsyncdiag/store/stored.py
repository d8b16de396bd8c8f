"""Attributes of a stored object, decoded when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import TypeVar, overload

T = TypeVar("T")
D = TypeVar("D")


class Stored(Mapping[str, T]):
    """A mapping that keeps the bytes it was stored as.

    Most look-ups want the name, the link or one image of an object, and a group may have 50,000 members in each image:
    what nobody reads is never decoded, and what nobody replaced is stored again as the same bytes.
    """

    __slots__ = ("_decode", "_values", "blob")

    def __init__(self, blob: bytes, decode: Callable[[bytes], dict[str, T]]) -> None:
        self.blob = blob
        self._decode = decode
        self._values: dict[str, T] | None = None

    def _read(self) -> dict[str, T]:
        if self._values is None:
            self._values = self._decode(self.blob)
        return self._values

    def __getitem__(self, name: str) -> T:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    # The rest is in Mapping too, by way of the three above; an object's attributes are read too often for that.

    def __contains__(self, name: object) -> bool:
        return name in self._read()

    @overload
    def get(self, name: str, /) -> T | None: ...

    @overload
    def get(self, name: str, /, default: T | D) -> T | D: ...

    def get(self, name: str, /, default: T | D | None = None) -> T | D | None:
        """Return the value of *name*, or *default*."""
        return self._read().get(name, default)

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._read().keys()

    def values(self) -> ValuesView[T]:
        """Return the values."""
        return self._read().values()

    def items(self) -> ItemsView[str, T]:
        """Return names with their values."""
        return self._read().items()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Stored):
            return self.blob == other.blob or self._read() == other._read()
        return self._read() == dict(other) if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._read())
