"""Recognise text that is, or may contain, a private key or a seed phrase, before it is stored anywhere."""

import re

_KEY_RUN = re.compile(r"[1-9A-HJ-NP-Za-km-z]{80,}")
_HEX_RUN = re.compile(r"(?i)[0-9a-f]{128,}")
_ARRAY = re.compile(r"\[\s*\d{1,3}\s*(?:,\s*\d{1,3}\s*){31,63}\]")
_WORD = re.compile(r"[a-z]{3,8}\Z")
_LEAST_VARIETY = 8
"""Different characters that a key surely has (a random one: about 45 in base58, 16 in hex); noise has not."""
_PHRASE_LENGTHS = frozenset({12, 15, 18, 21, 24})


def looks_secret(text: str) -> bool:
    """Whether text looks like a private key (base58 or hex of 64 bytes, JSON array) or a seed phrase.

    A signature is 64 bytes in base58, too, so one that is pasted is taken for a key: better so.
    """
    runs = [*_KEY_RUN.findall(text), *_HEX_RUN.findall(text)]
    if any(len(set(run)) >= _LEAST_VARIETY for run in runs) or _ARRAY.search(text):
        return True
    words = text.replace(",", " ").lower().split()
    return len(words) in _PHRASE_LENGTHS and all(_WORD.match(word) for word in words)
