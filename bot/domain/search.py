"""Which orders a person means by a few words: number, key, tokens, wallet, state. Pure.

Forgives case, spaces and the ways to write a pair. It never guesses: whatever fits is a candidate, and an
order of a token that dresses up as another is never certain.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from bot import errors, texts
from bot.domain import amounts, lookalikes

LONGEST: Final = 64
_NUMBER: Final = re.compile(r"#?\s*(\d{1,9})\Z", re.ASCII)
_DIGITS: Final = re.compile(r"[#+–-]*\s*\d+\Z", re.ASCII)
_KEY: Final = re.compile(r"[1-9a-z]{4,44}\Z")
"""Base58 without regard to case."""
_ARROW: Final = re.compile(r"→|›|[-=]?>|(?<=\S)\s+(?:to|into)\s+(?=\S)")
_BETWEEN: Final = re.compile(r"[\s/,+|–-]+")
_BEGINNING: Final = 3
"""So many characters of a word of a wallet's name are enough."""
_STATES: Final = {"active": True, "history": False, "finished": False, "cancelled": False, "closed": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What an order can be called by."""

    number: int
    key: str
    input: amounts.Token
    output: amounts.Token
    wallet: str
    active: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed: a number, or words."""

    number: int | None = None
    whole: str = ""
    """Folded, with single spaces."""
    words: tuple[str, ...] = ()
    sells: tuple[str, ...] = ()
    """Words before an arrow; `buys` are those after it. Both are empty without one."""
    buys: tuple[str, ...] = ()

    @property
    def directed(self) -> bool:
        return bool(self.sells or self.buys)


@dataclass(frozen=True, slots=True)
class Found:
    numbers: tuple[int, ...] = ()
    """In the sequence given."""
    certain: bool = False
    """Exactly one order, and no look-alike stands where a token was named."""


def parse(text: str) -> Query:
    """Read what was typed. Digits alone are a number. Raises InvalidInput for nothing, and for too much."""
    if len(text) > LONGEST:
        raise errors.InvalidInput(texts.FIND_HOW)
    folded = " ".join(_fold(text).split())
    if match := _NUMBER.match(folded):
        return Query(number=int(match[1]))
    words = _split(folded)
    if not words or _DIGITS.match(folded):
        raise errors.InvalidInput(texts.FIND_HOW)
    sides = [_split(side) for side in _ARROW.split(folded, maxsplit=1)]
    if len(sides) == 2 and any(sides):
        return Query(whole=folded, words=sides[0] + sides[1], sells=sides[0], buys=sides[1])
    return Query(whole=folded, words=words)


def find(query: Query, orders: Sequence[Named]) -> Found:
    """The orders that fit; every word has to."""
    if query.number is not None:
        numbers = tuple(order.number for order in orders if order.number == query.number)
        return Found(numbers, certain=bool(numbers))
    fitting = [order for order in orders if _fits(query, order)]
    if not query.directed and len(query.words) > 1:
        # "usdc sol" is read as people write pairs, unless there is no such order.
        first, second = query.words[:2]
        fitting = [order for order in fitting if _is_pair(order, first, second)] or fitting
    certain = len(fitting) == 1 and not _is_doubtful(query, fitting[0])
    return Found(tuple(order.number for order in fitting), certain)


def is_number(text: str) -> bool:
    """Whether `parse` reads a number of an order, or what may be one."""
    return bool(_DIGITS.match(_name(text)))


def is_wallet_name(text: str, names: Collection[str]) -> bool:
    """Whether this is the whole name of a wallet, however it is written."""
    return _name(text) in {_name(name) for name in names}


def _fits(query: Query, order: Named) -> bool:
    if _name(order.wallet) == query.whole:
        return True
    if query.directed:
        sells = not query.sells or _is_symbol(query.sells[-1], order.input)
        buys = not query.buys or _is_symbol(query.buys[0], order.output)
        return sells and buys and all(_fits_word(word, order) for word in query.sells[:-1] + query.buys[1:])
    whole = _is_symbol(query.whole, order.input) or _is_symbol(query.whole, order.output)
    return whole or all(_fits_word(word, order) for word in query.words)


def _fits_word(word: str, order: Named) -> bool:
    return (
        _is_symbol(word, order.input)
        or _is_symbol(word, order.output)
        or _is_key(word, order.key)
        or _is_of_wallet(word, order.wallet)
        or _STATES.get(word) is order.active
    )


def _is_pair(order: Named, first: str, second: str) -> bool:
    return _is_symbol(first, order.input) and _is_symbol(second, order.output)


def _is_symbol(word: str, token: amounts.Token) -> bool:
    """By what a reader takes the symbol for, or by the whole mint address."""
    if word == token.mint.casefold():
        return True
    wanted = lookalikes.fold(word)
    return bool(wanted) and wanted in lookalikes.readings(token.symbol)


def _is_key(word: str, key: str) -> bool:
    return bool(_KEY.match(word)) and key.casefold().startswith(word)


def _is_of_wallet(word: str, name: str) -> bool:
    return any(
        part == word or (len(word) >= _BEGINNING and not word.isdigit() and part.startswith(word))
        for part in _split(_name(name))
    )


def _is_doubtful(query: Query, order: Named) -> bool:
    """Whether a token was named, and one of the order's is not what it looks like."""
    tokens = (order.input, order.output)
    named = any(
        _is_symbol(word, token) and word != token.mint.casefold()
        for word in (query.whole, *query.words)
        for token in tokens
    )
    return named and any(lookalikes.is_lookalike(token) for token in tokens)


def _split(text: str) -> tuple[str, ...]:
    return tuple(word for word in _BETWEEN.split(text) if word)


def _name(text: str) -> str:
    return " ".join(_fold(text).split())


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
