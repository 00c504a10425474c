"""Reads who was told of which fill, and counts: the market against the chats and the bot's database."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from bot import storage, texts
from bot.domain import notices
from bot.ports import Outgoing
from bot.storage import schema
from tests.crash.market import Market

_LINK: Final = re.compile(r"/tx/([1-9A-HJ-NP-Za-km-z]{80,90})")
_ORDER: Final = re.compile(r"#(\d+) ·")
_MANY: Final = re.compile(r"(\d+) fills?$", re.MULTILINE)
_FILLS: Final = re.compile(r"Fills? (\d+(?:–\d+)?(?:, \d+(?:–\d+)?)*)")
_NOTICES: Final = (texts.FILL[0], texts.MANY_NEWS[0])
"""How messages begin that may tell of fills: one or several, or among other news."""
_WRITTEN_S: Final = 2.0
"""An answer that was out for so long before a kill had surely been written down."""


Fills = Mapping[str, Sequence[str]]
"""Order -> its fills by transaction, oldest first."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message of the bot that names fills."""

    id: int
    fills: tuple[str, ...]
    """By transaction, in its sequence."""
    marked: bool
    """It says that it may be a repeat."""


@dataclass(frozen=True, slots=True)
class Repeat:
    fill: str
    before: int
    """The message that named it last."""
    marked: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What one person was told."""

    latest: Mapping[str, int]
    """Fill -> the last message that named it. In the sequence of the first ones."""
    repeats: Sequence[Repeat]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the bot's database says."""

    since: Mapping[tuple[int, str], datetime]
    """Person and address -> since when they watch it."""
    numbers: Mapping[tuple[int, int], str]
    """Person and their number of an order -> the order."""
    used: Mapping[str, int]
    """Order -> input that it used."""
    known: Mapping[str, Mapping[str, int]]
    """Order -> its fills, each with its input."""
    sent: Mapping[int, Sequence[int]]
    """Person -> message of each notice, in the sequence of the notices."""
    carried: Mapping[tuple[int, int], Sequence[str]]
    """Person and message -> the fills that it was sent for."""
    unsent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Everything from `lost` on has to be zero."""

    fills: int
    """That somebody had to be told of."""
    told: int
    """Fills times people who were told."""
    messages: int
    repeated: int
    """Fills that a person was told of again."""
    lost: int
    """Fills that a person was not told of."""
    unasked: int
    """Fills that a person was told of, but that happened before they watched, or to somebody else."""
    unmarked: int
    """Repeats that do not say that they may be one."""
    needless: int
    """Repeats of what the bot knew to have arrived."""
    disordered: int
    """Fills that were told after a later one of their order, and news that overtook others of their chat."""
    unbalanced: int
    """Orders of which the bot does not know exactly the fills that happened, or whose sums do not agree."""
    unsent: int
    """News that never left."""

    @property
    def flawless(self) -> bool:
        flaws = self.lost, self.unasked, self.unmarked, self.needless, self.disordered, self.unbalanced
        return not any(flaws) and not self.unsent


async def read_stores(stores: storage.Storage) -> Stored:
    outbox = schema.outbox.c
    async with stores.database.reading() as tx:
        wallets = sa.select(schema.wallets)
        since = await tx.fetch(wallets, lambda row: ((row.user_id, row.pubkey), row.added_at))
        numbers = await tx.fetch(
            sa.select(schema.order_numbers), lambda row: ((row.user_id, row.number), row.key)
        )
        used = await tx.fetch(sa.select(schema.orders), lambda row: (row.key, row.in_used_raw))
        rows = sa.select(schema.fills.c.order_key, schema.fills.c.signature, schema.fills.c.in_raw)
        fills = await tx.fetch(rows, tuple)
        columns = outbox.user_id, outbox.message_id, outbox.state, outbox.notice
        news = await tx.fetch(sa.select(*columns).order_by(outbox.id), tuple)
    known: dict[str, dict[str, int]] = defaultdict(dict)
    for order, signature, in_raw in fills:
        known[order][signature] = in_raw
    sent: dict[int, list[int]] = defaultdict(list)
    carried: dict[tuple[int, int], list[str]] = defaultdict(list)
    for user, message, state, notice in news:
        if state == Outgoing.SENT:
            sent[user].append(message)
            if notice["kind"] == notices.FillSeen.kind:
                carried[user, message].append(notice["signature"])
    unsent = len(news) - sum(map(len, sent.values()))
    return Stored(dict(since), dict(numbers), dict(used), known, sent, carried, unsent)


def read(message: Mapping[str, object], user: int, fills: Fills, stored: Stored) -> Told | None:
    """A message as the control API tells it, deleted or not; None if it tells of no fill.

    By transaction; in a summary also by number: `#7 · …`, and in the lines below `Fill 3/10` or
    `Fills 3–5, 9`. A summary that is too long to name them all says how many there are: if just as many were
    recorded as sent with it, it is they.
    """
    text = str(message["text"])
    if message["from"] != "bot" or not text.startswith(_NOTICES):
        return None
    named: list[str] = []
    order: str | None = None
    for line in text.split("\n"):
        if (found := _ORDER.match(line)) or not line:
            order = stored.numbers.get((user, int(found[1]))) if found else None
        if order is not None and (listed := _FILLS.search(line)):
            known = fills.get(order, ())
            named += [known[number - 1] for number in _numbers(listed[1]) if number <= len(known)]
    named += _LINK.findall(f"{message['html']}{message['buttons']}")
    number = int(str(message["id"]))
    carried = stored.carried.get((user, number), ())
    counted = _MANY.search(text.partition("\n")[0])
    if counted and int(counted[1]) == len(carried):
        named += carried
    if not named:
        return None
    return Told(number, tuple(dict.fromkeys(named)), texts.REPEAT in text)


def hear(messages: Iterable[Told]) -> Heard:
    """Oldest message first."""
    latest: dict[str, int] = {}
    repeats: list[Repeat] = []
    for message in messages:
        again = [fill for fill in message.fills if fill in latest]
        repeats += [Repeat(fill, latest[fill], message.marked) for fill in again]
        latest.update(dict.fromkeys(message.fills, message.id))
    return Heard(latest, repeats)


def disorder(heard: Heard, orders: Iterable[Sequence[str]], sent: Sequence[int]) -> int:
    """Fills told after a later one of their order, and news that overtook others; `sent` as in Stored."""
    place = {fill: number for number, fill in enumerate(heard.latest)}
    sequences = [[place[fill] for fill in order if fill in place] for order in orders]
    sequences.append(list(sent))
    return sum(one > other for each in sequences for one, other in itertools.pairwise(each))


def _numbers(text: str) -> list[int]:
    """`3–5, 9` as 3, 4, 5, 9."""
    runs = [[int(end) for end in run.split("–")] for run in text.split(", ")]
    return [number for run in runs for number in range(run[0], run[-1] + 1)]


def expected(market: Market, stored: Stored, user: int) -> list[list[str]]:
    """The fills that a person has to be told of: a list for each order, oldest first."""
    return [
        [trade.tx for trade in order.trades if datetime.fromtimestamp(trade.at, UTC) >= since]
        for order in market.orders
        if (since := stored.since.get((user, order.opened.user))) is not None
    ]


def count(
    market: Market,
    stored: Stored,
    chats: Mapping[int, Sequence[Told]],
    answered: Mapping[tuple[int, int], float],
    kills: Sequence[float],
) -> Count:
    """`chats` by person, oldest message first; `answered` = when the bot was told of (chat, message)."""
    due: set[str] = set()
    told = repeated = lost = unasked = unmarked = needless = disordered = 0
    for user, messages in chats.items():
        orders = expected(market, stored, user)
        mine = set(itertools.chain(*orders))
        due |= mine
        heard = hear(messages)
        repeated += len(heard.repeats)
        unmarked += sum(not repeat.marked for repeat in heard.repeats)
        needless += sum(_was_known(answered.get((user, each.before)), kills) for each in heard.repeats)
        told += len(heard.latest)
        lost += len(mine - heard.latest.keys())
        unasked += len(heard.latest.keys() - mine)
        disordered += disorder(heard, orders, stored.sent.get(user, ()))
    return Count(
        fills=len(due),
        told=told,
        messages=sum(map(len, chats.values())),
        repeated=repeated,
        lost=lost,
        unasked=unasked,
        unmarked=unmarked,
        needless=needless,
        disordered=disordered,
        unbalanced=_unbalanced(market, stored),
        unsent=stored.unsent,
    )


def _was_known(answered_at: float | None, kills: Sequence[float]) -> bool:
    """Whether the answer came, and no kill can have come between it and its being written down."""
    if answered_at is None:
        return False
    return not any(-0.1 <= kill - answered_at <= _WRITTEN_S for kill in kills)


def _unbalanced(market: Market, stored: Stored) -> int:
    watched = {address for _, address in stored.since}
    return sum(
        stored.known.get(order.opened.key) != {trade.tx: trade.in_raw for trade in order.trades}
        or stored.used.get(order.opened.key) != sum(trade.in_raw for trade in order.trades)
        for order in market.orders
        if order.opened.user in watched
    )
