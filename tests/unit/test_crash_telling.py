"""The reader of the crash tests misses no fill that a message tells of, and takes nothing else for one."""

import html as markup_of_html
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot import texts
from bot.chat import markup, notice_screens
from bot.chat.notice_facts import Told
from bot.chat.order_screens import View, When
from bot.domain import addresses, notices
from tests.crash import telling
from tests.fakes import chat_services
from tests.fakes.chat_services import START

USER, MESSAGE = 7, 1
WHEN = When(START, START, "UTC")


def _order(number: int, count: int) -> View:
    """Order of that number with so many fills, whose keys and transactions are its own."""
    key = addresses.encode_base58(bytes([number]) * 32)
    known = []
    for n in range(count):
        each = chat_services.fill(1)
        signature = addresses.encode_base58(bytes([number, n // 250 + 1, n % 250 + 1]) * 21 + b"x")
        known.append(replace(each, fill=replace(each.fill, order_key=key, signature=signature)))
    return chat_services.view(number, known=known, key=key, in_deposited_raw=100_000_000_000)


def _seen(view: View, *numbers: int) -> list[Told]:
    fills = [view.fills[number - 1].fill for number in numbers or range(1, len(view.fills) + 1)]
    return [
        Told(notices.FillSeen(owner="o", order_key=f.order_key, signature=f.signature), view) for f in fills
    ]


def _about(kind: type[notices.OrderFinished] | type[notices.OrderOpened], view: View) -> Told:
    return Told(kind(owner="o", order_key=view.order.key), view)


def _unknown(told: Sequence[Told]) -> list[Told]:
    """The same of orders that are not known any more."""
    return [Told(each.notice, None) for each in told]


TEN, LONG = _order(1, 10), _order(2, 120)
MANY = [_order(number, 30) for number in range(3, 120)]

BATCHES: dict[str, list[Told]] = {
    "one": _seen(TEN, 3),
    "the last one": [*_seen(TEN, 10), _about(notices.OrderFinished, TEN)],
    "several": _seen(TEN),
    "several of two orders": _seen(TEN, 2, 3) + _seen(LONG, 7, 9),
    "more than are named one by one": _seen(LONG),
    "with gaps between them": _seen(LONG, *range(1, 120, 2)),
    "of very many orders": [told for view in MANY for told in _seen(view)],
    "with other news": [_about(notices.OrderOpened, LONG), *_seen(TEN, 4), *_seen(LONG, 5)],
    "of an unknown order": _unknown(_seen(TEN, 3)),
    "several of an unknown order": _unknown(_seen(TEN, 3, 4)),
    "of an unknown order among others": [*_unknown(_seen(TEN, 3)), *_seen(LONG, 5, 6)],
}


def _sent(screen: markup.Screen, *, plain: bool) -> dict[str, object]:
    """The message as the control API tells it; `plain`: Telegram had refused the markup."""
    text = markup.plain(screen.html)
    buttons = [[{"text": button.label, "url": button.url} for button in row] for row in screen.keyboard]
    html = markup_of_html.escape(text, quote=False) if plain else screen.html
    return {"id": MESSAGE, "from": "bot", "text": text, "html": html, "buttons": buttons, "deleted": True}


def _signatures(batch: Sequence[Told]) -> list[str]:
    return [told.notice.signature for told in batch if isinstance(told.notice, notices.FillSeen)]


def _stored(carried: Sequence[str]) -> telling.Stored:
    numbers = {(USER, view.number): view.order.key for view in (TEN, LONG, *MANY)}
    return telling.Stored({}, numbers, {}, {}, {}, {(USER, MESSAGE): carried}, 0)


FILLS = {view.order.key: [each.fill.signature for each in view.fills] for view in (TEN, LONG, *MANY)}


@pytest.mark.parametrize("repeat", [False, True], ids=["first", "repeat"])
@pytest.mark.parametrize(
    ("name", "plain"),
    [(name, False) for name in BATCHES]
    # Of an unknown order the link is all that names a fill.
    + [(name, True) for name in BATCHES if "unknown" not in name],
)
def test_every_fill_of_every_message_is_read(name: str, plain: bool, repeat: bool) -> None:
    """One or many, named or only counted, also of an order that is not known any more."""
    batch = BATCHES[name]
    screen = notice_screens.build(batch, WHEN, possible_repeat=repeat)
    expected = _signatures(batch)
    read = telling.read(_sent(screen, plain=plain), USER, FILLS, _stored(expected))
    assert read is not None
    assert set(read.fills) == set(expected)
    assert len(read.fills) == len(expected)
    assert read.marked == repeat


@pytest.mark.parametrize("batch", [BATCHES["one"], BATCHES["several of two orders"]])
def test_a_message_that_was_not_recorded_is_read_all_the_same(batch: list[Told]) -> None:
    """The bot died after sending it: what it names, it told."""
    screen = notice_screens.build(batch, WHEN, possible_repeat=False)
    read = telling.read(_sent(screen, plain=False), USER, FILLS, _stored([]))
    assert read is not None
    assert set(read.fills) == set(_signatures(batch))


def test_what_was_recorded_is_no_proof_of_what_was_said() -> None:
    """A message that tells of fewer fills than were sent with it tells of those that it names."""
    screen = notice_screens.build(_seen(TEN, 2, 3), WHEN, possible_repeat=False)
    read = telling.read(_sent(screen, plain=False), USER, FILLS, _stored(_signatures(_seen(TEN, 2, 3, 4))))
    assert read is not None
    assert set(read.fills) == set(_signatures(_seen(TEN, 2, 3)))


def test_screens_that_a_person_asked_for_tell_of_no_fill() -> None:
    """Neither a list of fills nor a card that is done, with its transaction."""
    done = markup.Screen(f"{texts.FILLS_OF.format(number=1, pair='USDC')}\n🧾 Fill 3/10")
    link = markup.Screen('✅ Done · <a href="https://solscan.io/tx/' + "5" * 88 + '">transaction</a>')
    for screen in (done, link):
        assert telling.read(_sent(screen, plain=False), USER, FILLS, _stored([])) is None
    own = _sent(notice_screens.build(_seen(TEN, 3), WHEN, possible_repeat=False), plain=False)
    assert telling.read(own | {"from": "user"}, USER, FILLS, _stored([])) is None


def test_a_repeat_is_told_by_a_later_message() -> None:
    """Marked or not; a fill that one message names twice is told once."""
    first = telling.Told(1, ("a", "b"), marked=False)
    again, unmarked = telling.Told(2, ("b",), marked=True), telling.Told(3, ("a", "c"), marked=False)
    heard = telling.hear([first, again, unmarked])
    assert heard.latest == {"a": 3, "b": 2, "c": 3}
    assert heard.repeats == [telling.Repeat("b", 1, marked=True), telling.Repeat("a", 1, marked=False)]


def test_fills_out_of_order_and_news_that_overtook_others_are_counted() -> None:
    """By the first message that told of each."""
    heard = telling.hear([telling.Told(1, ("b", "a"), marked=False), telling.Told(2, ("c",), marked=False)])
    assert telling.disorder(heard, [["a", "b", "c"]], [1, 2]) == 1
    assert telling.disorder(heard, [["b", "c"]], [2, 1]) == 1
    assert telling.disorder(heard, [["b", "a"], ["c"]], [1, 2]) == 0
