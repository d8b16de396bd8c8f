"""Records written by hand, and a reader of HTML that sees what a browser sees."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from adsyncdiag.model.trace import SyncRecord


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sample_records", Path(__file__).with_name("sample_records.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLES = _load()
VOID = frozenset({"meta", "input", "br", "use", "circle", "path", "line", "link", "img"})


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The module with the records written by hand."""
    return SAMPLES


@pytest.fixture(params=sorted(SAMPLES.SAMPLES))
def record(request: pytest.FixtureRequest) -> SyncRecord:
    """Every record written by hand, one after the other."""
    made = SAMPLES.SAMPLES[request.param]()
    assert isinstance(made, SyncRecord)
    return made


@dataclass
class Element:
    """An element as a browser's tree has it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, in the order of the document."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return the elements of *tag* that have these attributes (`class_` is one word of the class)."""
        return [e for e in self.walk() if (not tag or e.tag == tag) and e.has(**attributes)]

    def one(self, tag: str = "", **attributes: str) -> Element:
        """Return the only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    def has(self, **attributes: str) -> bool:
        """Say whether the attributes have these values."""
        for name, value in attributes.items():
            if name == "class_":
                if value not in self.attributes.get("class", "").split():
                    return False
            elif self.attributes.get(name) != value:
                return False
        return True

    @property
    def text(self) -> str:
        """All text inside, with blanks run together."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        """All text inside as it stands."""
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)


class Tree(HTMLParser):
    """Builds the tree and refuses markup whose tags do not match."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> names an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add an element without content."""
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which has to be of this tag."""
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Add text."""
        self.open[-1].children.append(data)


@pytest.fixture(scope="session")
def parse() -> Callable[[str], Element]:
    """Read an HTML document into its tree."""

    def read(html: str) -> Element:
        tree = Tree()
        tree.feed(html)
        tree.close()
        assert tree.open == [tree.root]
        return tree.root

    return read
