"""The vocabulary: one plain Python function each, registered by its signature; the docstring is the manual entry.

Sources named in the entries: "Functions Reference" is Microsoft Learn, *Microsoft Entra Connect Sync: Functions Reference*;
engine.md and server-export.md are this project's collected facts.
"""

from adsyncdiag.expressions.functions import (
    certificates,
    conversion,
    dates,
    directory,
    lists,
    logic,
    numbers,
    text,
)

__all__ = ["certificates", "conversion", "dates", "directory", "lists", "logic", "numbers", "text"]
