"""What came back over HTTP, and how to read it when it is hostile. No I/O here."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from bot import errors, texts
from bot.jupiter import fields

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

_LONGEST_NUMBER: Final = 64
_LONGEST_WORDS: Final = 300


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = field(repr=False)
    request_id: str = ""
    """`x-api-gateway-request-id`: what the vendor asks for when something is wrong."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def temporary(self) -> bool:
        """Whether asking again later may help."""
        return self.status in {408, 429} or self.status >= 500

    @property
    def refused_key(self) -> bool:
        """401: an unknown key; 403: one without permission, or the firewall."""
        return self.status in {401, 403}

    def json(self) -> Any:
        """The body as JSON. Raises UnexpectedResponse when it is none."""
        return parse_json(self.body)

    def words(self) -> str:
        """What the vendor says about a failure, in one short line; empty when there are no words."""
        try:
            return find_words(parse_json(self.body))
        except errors.UnexpectedResponse:
            return ""


def read(answer: Answer, parse: Callable[[Any], T], refused: type[errors.GatewayError]) -> T:
    """The answer's JSON as `parse` reads it.

    Raises `refused` with the vendor's words for a 4xx, and what `parse` raises: UnexpectedResponse is logged
    with the request id, for the vendor to look at.
    """
    if not answer.ok:
        words = answer.words()
        raise refused(texts.JUPITER_REFUSED.format(words=words) if words else None)
    try:
        return parse(answer.json())
    except errors.UnexpectedResponse as exc:
        _LOG.warning("Unexpected answer (request %s): %s", answer.request_id or "-", exc)
        raise


def parse_json(body: bytes) -> Any:
    """Read JSON of any origin: fractions become Decimal; NaN, infinities and absurd numbers become null.

    A number of thousands of digits must spoil its own item only, not the whole answer.
    Raises UnexpectedResponse.
    """
    try:
        return json.loads(
            body, parse_int=_parse_int, parse_float=_parse_fraction, parse_constant=lambda _: None
        )
    except (ValueError, RecursionError) as exc:
        raise errors.UnexpectedResponse(texts.JUPITER_NO_JSON) from exc


def find_words(body: object, depth: int = 3) -> str:
    """The sentence in an error body. The vendor has five shapes:

    `{code, error, status}`, `{code, message, status}`, `{error}`, `{error, details: {field: reason}}` and
    the gateway's `{code, message}`; some nest the sentence one level deeper.
    """
    if isinstance(body, str):
        return fields.clean(body, _LONGEST_WORDS)
    if not isinstance(body, Mapping) or not depth:
        return ""
    sentence = next(
        (find_words(body[name], depth - 1) for name in ("error", "message") if body.get(name)), ""
    )
    details = body.get("details")
    if isinstance(details, Mapping):
        reasons = "; ".join(
            f"{name}: {reason}" for name, reason in details.items() if isinstance(reason, str)
        )
        sentence = f"{sentence} ({reasons})" if sentence and reasons else sentence or reasons
    return fields.clean(sentence or str(body.get("status") or ""), _LONGEST_WORDS)


def _parse_int(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST_NUMBER else None


def _parse_fraction(text: str) -> Decimal | None:
    try:
        return Decimal(text) if len(text) <= _LONGEST_NUMBER else None
    except InvalidOperation:  # an exponent beyond Decimal's own range
        return None
