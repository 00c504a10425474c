"""Many notices as one message: every fill counted and summed up, however many there are. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot import texts
from bot.chat import markup, notice_facts, order_screens, render
from bot.chat.notice_facts import Told
from bot.chat.order_screens import View, When
from bot.domain import fills, notices

MOST_LINES = 40
"""Fills named one by one."""
MOST_BUTTONS = 8
_FEWER = 5
_MOST_RUNS = 8
_WORDS = (240, 120, 70)
"""Characters of what the operator is told in one line: as many as there is room for."""


@dataclass(frozen=True, slots=True)
class Other:
    """What is no fill."""

    html: str
    words: str
    """Plain text that says it in short; empty where the first line does."""

    def brief(self, width: int) -> str:
        if not self.words:
            return self.html.partition("\n")[0]
        return texts.OPERATOR_BRIEF.format(words=render.foreign(self.words, width))


@dataclass(frozen=True, slots=True)
class _Filled:
    """What one order's fills come to."""

    view: View
    count: int
    numbers: Sequence[int]
    """Of those whose place in the order is known."""
    sums: str
    end: Sequence[str]
    """Totals, and how the order stands."""


def build(batch: Sequence[Told], others: Sequence[Other], when: When, *, limit: int) -> markup.Screen:
    """`others`: what is no fill; `limit`: the characters there are.

    Sums are worth more than single fills: of those only as many are named as there is room for.
    """
    filled = [_filled(mine, when) for mine in _by_order(batch)]
    title = _title(batch, filled, when)
    told = [_at_length(html, count) for html, count in _equal(other.html for other in others)]
    for room in range(MOST_LINES, -1, -_FEWER):
        shares = _shares({each.view.number: each.count for each in filled}, room)
        blocks = [_block(each, shares[each.view.number]) for each in filled]
        lines = _spaced([title, *blocks, *told])
        if _length(lines) <= limit:
            return markup.Screen("\n".join(lines), _buttons(batch))
    return markup.Screen(_tight(title, filled, others, limit), _buttons(batch))


def _title(batch: Sequence[Told], filled: Sequence[_Filled], when: When) -> list[str]:
    """How many, and from when to when: what was held back for a while, or missed, says so."""
    count = sum(each.count for each in filled)
    if not count:
        return [texts.MANY_NEWS.format(count=len(batch))]
    title = [texts.ONE_FILL if count == 1 else texts.MANY_FILLS.format(count=count)]
    at = [each.view.fills[number - 1].fill.confirmed_at for each in filled for number in each.numbers]
    if at and when.order_now - min(at) >= notice_facts.LATE:
        title.append(texts.MANY_BETWEEN.format(first=when.at(min(at)), last=when.at(max(at))))
    return title


def _by_order(batch: Sequence[Told]) -> Iterable[list[Told]]:
    """The fills of each order that is known."""
    found: dict[int, list[Told]] = {}
    for told in batch:
        if told.view is not None and isinstance(told.notice, notices.FillSeen):
            found.setdefault(told.view.number, []).append(told)
    return found.values()


def _spaced(blocks: Iterable[Sequence[str]]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        lines += ["", *block] if lines else block
    return lines


def _shares(counts: Mapping[int, int], room: int) -> dict[int, int]:
    """How many fills of each order are named: all where there is room, else as evenly as can be."""
    shares = {}
    for place, (number, count) in enumerate(sorted(counts.items(), key=lambda item: item[1])):
        shares[number] = min(count, room // (len(counts) - place))
        room -= shares[number]
    return shares


# --- the fills of one order ------------------------------------------------------------------------------


def _filled(mine: Sequence[Told], when: When) -> _Filled:
    view = mine[0].view
    assert view is not None
    places = notice_facts.places(view)
    signatures = [told.notice.signature for told in mine if isinstance(told.notice, notices.FillSeen)]
    numbers = [places[signature] for signature in signatures if signature in places]
    sums = _sums(view, numbers)
    end = []
    if sums:
        end.append(texts.TOGETHER.format(sums=sums) + _average(view))
    if notice_facts.is_finished(view):
        end += [texts.IS_FINISHED.format(number=view.number), *order_screens.result(view)]
    elif view.order.active:
        end += notice_facts.progress(view, when)
    return _Filled(view, len(mine), numbers, sums, end)


def _head(filled: _Filled) -> str:
    return texts.MANY_OF_ORDER.format(number=filled.view.number, pair=notice_facts.pair(filled.view))


def _block(filled: _Filled, named: int) -> list[str]:
    """So many fills named, the others by number, the sum of all."""
    lines = [_line(filled.view, number) for number in filled.numbers[:named]]
    if rest := filled.count - len(lines):
        numbers = _numbers(filled.view, filled.numbers[named:], rest)
        lines.append(texts.MANY_MORE.format(fills=numbers))
    return [_head(filled), *lines, *filled.end]


def _tight(title: Sequence[str], filled: Sequence[_Filled], others: Sequence[Other], limit: int) -> str:
    """One line for each order, as many as there is room for, when there are very many.

    What is no fill comes first: it may call for action.
    """
    room = limit // 2 if filled else limit
    for width in _WORDS:
        told = [_counted(said, count) for said, count in _equal(other.brief(width) for other in others)]
        top = [*title, "", *told]
        if _length(top) <= room:
            break
    top = markup.fit(top, limit=room).split("\n")
    lines = [_one_line(each) for each in filled]
    shown = len(lines)
    while True:
        left = filled[shown:]
        more = texts.MANY_ORDERS_MORE.format(orders=len(left), fills=sum(each.count for each in left))
        text = [*top, *lines[:shown], *([more] if left else [])]
        if not shown or _length(text) <= limit:
            return "\n".join(text)
        shown -= 1


def _equal(said: Iterable[str]) -> Iterable[tuple[str, int]]:
    """Each once, where it first was, with how often it is said."""
    return Counter(said).items()


def _at_length(html: str, count: int) -> list[str]:
    first, *rest = html.split("\n")
    return [_counted(first, count), *rest]


def _counted(said: str, count: int) -> str:
    return said if count == 1 else texts.MANY_EQUAL.format(said=said, count=count)


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _one_line(filled: _Filled) -> str:
    said = [_numbers(filled.view, filled.numbers, filled.count)]
    if filled.sums:
        said.append(filled.sums)
    if notice_facts.is_finished(filled.view):
        said.append(texts.FINISHED)
    return f"{_head(filled)}: {' · '.join(said)}"


def _line(view: View, number: int) -> str:
    fill = view.fills[number - 1].fill
    name = texts.FILL_NAME.format(number=notice_facts.of(view, number))
    bought, paid = render.amount(fill.net_out_raw, view.output), render.amount(fill.in_raw, view.input)
    return f"{render.tx_link(fill.signature, name)}: {texts.FOR.format(bought=bought, paid=paid)}"


def _numbers(view: View, numbers: Sequence[int], count: int) -> str:
    """`Fills 3–7, 9`: which ones these are; how many where that is not known of all."""
    if len(numbers) != count:
        return texts.FILLS_COUNTED.format(count=count)
    if count == 1:
        return texts.FILL_NAME.format(number=notice_facts.of(view, numbers[0]))
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    named = ", ".join("–".join(map(str, run)) for run in runs[:_MOST_RUNS])
    return texts.FILLS_NAMED.format(numbers=named + (", …" if len(runs) > _MOST_RUNS else ""))


def _sums(view: View, numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    sums = fills.totals(view.fills[number - 1].fill for number in numbers)
    bought, paid = render.amount(sums.out_raw, view.output), render.amount(sums.in_raw, view.input)
    return f"<b>{texts.FOR.format(bought=bought, paid=paid)}</b>"


def _average(view: View) -> str:
    if view.average is None:
        return ""
    value = render.price(view.average, view.input, view.output)
    return f" · {texts.AVERAGE.format(price=value)} {render.price_unit(view.input, view.output)}"


# --- buttons ---------------------------------------------------------------------------------------------


def _buttons(batch: Sequence[Told]) -> tuple[tuple[markup.Button, ...], ...]:
    """A row for each order: what is low on funds can be filled up from here, what is over has a report."""
    views = {told.view.number: told.view for told in batch if told.view}
    low = _numbers_of(batch, notices.FundsLow)
    over = _numbers_of(batch, notices.OrderFinished, notices.OrderCancelled)
    over |= {number for number, view in views.items() if notice_facts.is_finished(view)}
    rows = []
    for number, view in sorted(views.items(), key=lambda item: (item[0] not in low, item[0] not in over)):
        row = [notice_facts.order_button(view)]
        if number in low and (deposit := notice_facts.deposit_button(view)):
            row.append(deposit)
        if number in over:
            row.append(notice_facts.report_button(view))
        rows.append(tuple(row))
    return tuple(rows[:MOST_BUTTONS])


def _numbers_of(batch: Sequence[Told], *kinds: type[notices.Notice]) -> set[int]:
    """Of the orders that something of these kinds is told about."""
    return {told.view.number for told in batch if told.view and isinstance(told.notice, kinds)}
