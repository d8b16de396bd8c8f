"""Functions on numbers: bits and chance. Numbers are 64-bit integers."""

from __future__ import annotations

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.registry import function


@function("num BitAnd(num one, num other)")
def bit_and(one: int, other: int) -> int:
    """Return the bits that both numbers have.

    Example: BitAnd(&HF,&HF7) is 7; BitAnd([userAccountControl],2) = 0 tells an enabled account. Negative numbers are two's
    complement, so BitAnd([groupType],-2147483648) tells a security group. NULL gives NULL.
    Source: Functions Reference, BitAnd (its description, "sets specified bits", is wrong: engine.md 8.10).
    """
    return one & other


@function("num BitOr(num one, num other)")
def bit_or(one: int, other: int) -> int:
    """Return the bits that either number has.

    Example: BitOr(8,1) is 9. Source: Functions Reference, BitOr.
    """
    return one | other


@function("bool IsBitSet(num value, num flag)")
def is_bit_set(value: int, flag: int) -> bool:
    """Say whether *value* has a bit of *flag*, which is a mask and not an index.

    Example: IsBitSet(&HF,4) is True. Of a mask with several bits one is enough (open). NULL gives NULL.
    Source: Functions Reference, IsBitSet.
    """
    return value & flag != 0


@function("num RandomNum(num start, num end)", pure=False)
def random_number(start: int, end: int) -> int:
    """Return a random number from *start* to *end*, both included (open).

    Example: RandomNum(100,999) may be 734; the page's own example calls it Random. Drawn from the system's source of
    secrets, since rules make initial passwords with it. An end below the start is an error.
    Source: Functions Reference, RandomNum.
    """
    if end < start:
        raise EvaluationError("the upper limit is below the lower one")
    import secrets

    return start + secrets.randbelow(end - start + 1)
