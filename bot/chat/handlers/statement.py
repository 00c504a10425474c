"""/export: fills as files. Private keys are exported elsewhere, see `export`."""

import re
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass, replace

from bot import errors, texts
from bot.chat import markup, statement_screens
from bot.chat.context import Turn
from bot.chat.handlers import finding
from bot.domain import search, statements
from bot.services.finding import Wanted
from bot.services.subjects import Contents, Subject

_YEAR = re.compile(r"2[01]\d\d\Z", re.ASCII)
_EVERYTHING = frozenset({"all", "everything"})


@dataclass(frozen=True, slots=True)
class Line:
    """`/export` in one line."""

    named: str = ""
    """What names the wallet or the order; empty = everything."""
    year: int | None = None
    form: statements.Format = statements.Format.CSV


def parse(text: str, wallet_names: Collection[str] = ()) -> Line:
    """`7`, `2025`, `Savings 2025 json`: the words may come in any sequence.

    Four digits are a year where they can be one and do not belong to a wallet's name; such an order is named
    `#2025`. Raises InvalidInput.
    """
    words, forms = [], []
    for word in text.split():
        if word.casefold() in set(statements.Format):
            forms.append(statements.Format(word.casefold()))
        else:
            words.append(word)
    form = forms[0] if forms else statements.Format.CSV
    readings: list[tuple[list[str], int | None]] = [(words, None)]
    readings += [
        (words[:place] + words[place + 1 :], int(word))
        for place, word in enumerate(words)
        if _YEAR.match(word)
    ]
    of_wallets = [
        Line(name, year, form)
        for name, year in ((" ".join(named), year) for named, year in readings)
        if not search.is_number(name) and search.is_wallet_name(name, wallet_names)
    ]
    # A name as it stands goes before a shorter one with a year; of two such, neither is meant for sure.
    certain = of_wallets and (of_wallets[0].year is None or len(of_wallets) == 1)
    if len(forms) > 1 or (len(readings) > 2 and not certain):
        raise errors.InvalidInput(texts.STATEMENT_HOW)
    if certain:
        return of_wallets[0]
    named, year = readings[-1]
    return Line(" ".join(word for word in named if word.casefold() not in _EVERYTHING), year, form)


async def command(turn: Turn) -> None:
    """`/export [order, or wallet, or all] [year] [csv or json]`; without anything: by buttons."""
    if not turn.text:
        await choose(turn)
        return
    mine = await turn.services.wallets.list_of(turn.user_id)
    line = parse(turn.text, [wallet.name for wallet in mine])
    subject = await _find(turn, line)
    if subject is not None:
        await _send(turn, replace(subject, year=line.year), line.form)


async def choose(turn: Turn) -> None:
    mine = await turn.services.wallets.list_of(turn.user_id)
    if not mine:
        await turn.show(markup.screen([texts.NO_WALLETS], [markup.button(texts.B_HOME, "home")]))
        return
    page = turn.callback.number(0) if turn.callback.args else 0
    await turn.show(statement_screens.build_choice(mine, page))


async def show(turn: Turn) -> None:
    contents = await turn.services.subjects.describe(turn.user_id, _subject(turn))
    await turn.show(statement_screens.build(contents))


async def send(turn: Turn) -> None:
    await _send(turn, _subject(turn), statements.Format(turn.callback.text(3)))


def _subject(turn: Turn) -> Subject:
    """Of the tapped button. Raises ValueError for one that nobody made."""
    key, kind, year = turn.callback.number(0), turn.callback.text(1), turn.callback.number(2)
    if kind not in {"all", "wallet", "order"} or (year and not _YEAR.match(str(year))):
        raise ValueError(kind)
    return Subject(
        wallet_id=key if kind == "wallet" else None,
        number=key if kind == "order" else None,
        year=year or None,
    )


async def _find(turn: Turn, line: Line) -> Subject | None:
    """None = it was asked which order is meant."""
    if not line.named:
        return Subject()
    wallet = await finding.find_wallet(turn, line.named)
    if wallet is not None:
        return Subject(wallet_id=wallet.id)
    view = await finding.find_order(turn, line.named, Wanted.STATEMENT, "order", str(line.year or 0))
    return None if view is None else Subject(number=view.number)


async def _send(turn: Turn, subject: Subject, form: statements.Format) -> None:
    """The screen says what is going on; the files come after it."""
    contents = await turn.services.subjects.describe(turn.user_id, subject)
    message_id = await turn.show(statement_screens.build(contents, note=texts.STATEMENT_WORKING))
    try:
        note = await _send_files(turn, contents, form)
    except errors.BotError:
        await turn.edit(message_id, statement_screens.build(contents, note=texts.STATEMENT_FAILED))
        raise
    contents = await turn.services.subjects.describe(turn.user_id, subject)
    await turn.edit(message_id, statement_screens.build(contents, note=note))


async def _send_files(turn: Turn, contents: Contents, form: statements.Format) -> str:
    """Returns what is to be said then."""
    found = await turn.services.archive.complete(turn.user_id, contents.subject)
    count = fills = 0
    async with aclosing(turn.services.statements.files(turn.user_id, contents.subject, form)) as files:
        async for file in files:
            name = statement_screens.name_file(contents, file, form)
            caption = statement_screens.build_caption(contents, file, found, turn.when)
            await turn.send_file(markup.Attachment(name, file.content), caption)
            count, fills = count + 1, fills + file.count
            del file  # it is large, and the next one is made now
    if not count:
        return "\n".join(statement_screens.describe(found, turn.when))
    if count == 1:
        return texts.STATEMENT_SENT.format(count=fills)
    return texts.STATEMENTS_SENT.format(count=fills, files=count)
