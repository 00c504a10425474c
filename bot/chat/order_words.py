"""Reads an order and an amount out of one line: `7 10`, `usdc sol 50%`, `My Savings max`. Pure."""

import re
from collections.abc import Collection

from bot import errors
from bot.domain import amounts, search

_NUMBER = re.compile(r"#?\d+\Z", re.ASCII)
_AMOUNT = re.compile(r"[-+]?[.,]?\d")
_AMOUNT_WORDS = frozenset({"max", "all", "everything"})
_CARRIED = re.compile(r"[0-9.]{1,30}%?\Z", re.ASCII)
ASK = "ask"
"""What a button carries in the place of an amount that was not said."""


def split(text: str, wallet_names: Collection[str]) -> tuple[str, str]:
    """How the order is named, and the amount; each may be empty.

    The whole name of a wallet names its order, even where it ends in a number.
    """
    words = text.split()
    if words[:1] == ["#"]:
        words[:2] = ["".join(words[:2])]
    if not words or search.is_wallet_name(text, wallet_names):
        return " ".join(words), ""
    if _NUMBER.match(words[0]):
        return words[0], " ".join(words[1:])
    if len(words) > 1 and (_AMOUNT.match(words[-1]) or words[-1].casefold() in _AMOUNT_WORDS):
        return " ".join(words[:-1]), words[-1]
    return " ".join(words), ""


def carry(amount: str) -> tuple[str, ...]:
    """An amount as a button carries it on; nothing for none. Raises InvalidAmount for what is no amount."""
    word = amount.casefold()
    if not word or word in _AMOUNT_WORDS or _CARRIED.match(word):
        return (word,) if word else ()
    amounts.parse_quantity(word, amounts.SOL_DECIMALS)
    raise errors.InvalidAmount


def carried(word: str) -> str:
    """The amount that a button carries; empty if it is still to be asked for."""
    return "" if word == ASK else word
