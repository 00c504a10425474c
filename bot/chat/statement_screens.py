"""Screens about exporting fills: whose, of which year, in which form; what stands under a file. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot import texts
from bot.chat import markup, order_screens, render
from bot.chat.order_screens import When
from bot.domain import statements, wallets
from bot.services import archive, subjects
from bot.services.statements import StatementFile

WALLETS_PAGE = 6
MOST_YEARS = 9
MOST_GAPS = 3
MOST_SHORT = 5
_IN_A_ROW = 3


def build_choice(mine: Sequence[wallets.Wallet], page: int) -> markup.Screen:
    """Whose fills?"""
    pages = markup.count_pages(len(mine), WALLETS_PAGE)
    page = min(page, pages - 1)
    wallet_rows = [
        [markup.button(render.clean(wallet.name, 20), "statement", wallet.id, "wallet", 0)]
        for wallet in mine[page * WALLETS_PAGE : (page + 1) * WALLETS_PAGE]
    ]
    everything = markup.button(texts.B_ALL_WALLETS, "statement", 0, "all", 0, style=markup.Style.PRIMARY)
    return markup.screen(
        texts.STATEMENT_WHOSE.split("\n"),
        [everything],
        *wallet_rows,
        markup.turner(page, pages, "statements"),
        [markup.button(texts.B_ORDERS, "orders", "active", 0), markup.button(texts.B_HOME, "home")],
    )


def build(contents: subjects.Contents, *, note: str = "") -> markup.Screen:
    """Of which year, and in which form?"""
    extent, lines = contents.extent, [_title(contents)]
    if extent.first_at is not None and extent.last_at is not None:
        lines.append(_span(extent.count, extent.first_at, extent.last_at))
    else:
        lines.append(texts.STATEMENT_EMPTY)
    lines += ["", *texts.STATEMENT_FORMS.split("\n")]
    if note:
        lines += ["", note]
    return markup.screen(
        lines,
        *_year_rows(contents),
        _form_row(contents.subject),
        [_back(contents.subject), markup.button(texts.B_HOME, "home")],
    )


def build_caption(
    contents: subjects.Contents, file: StatementFile, found: archive.Completeness, when: When
) -> markup.Screen:
    """What the file holds, and what it may lack."""
    lines = [_title(contents, file.year, file.part), _span(file.count, file.first_at, file.last_at)]
    lines += describe(found, when)
    if file.year is not None or file.part is not None:
        lines.append(texts.STATEMENT_SPLIT)
    return markup.Screen(
        markup.fit(lines, limit=markup.CAPTION_LIMIT),
        ((markup.opener(texts.B_STATEMENT, "statements", 0), markup.opener(texts.B_HOME, "home")),),
    )


def describe(found: archive.Completeness, when: When) -> list[str]:
    """How complete everything is that is known now."""
    lines = [_gap(gap, when) for gap in found.gaps[:MOST_GAPS]]
    if len(found.gaps) > MOST_GAPS:
        lines.append(texts.STATEMENT_MORE_GAPS.format(count=len(found.gaps) - MOST_GAPS))
    if found.short:
        named = ", ".join(f"#{number}" for number in found.short[:MOST_SHORT])
        more = ", …" if len(found.short) > MOST_SHORT else ""
        lines.append(texts.STATEMENT_SHORT.format(orders=named + more))
    return lines or [texts.STATEMENT_COMPLETE.format(when=render.absolute(when.now, when.zone))]


def name_file(contents: subjects.Contents, file: StatementFile, form: statements.Format) -> str:
    """Of ASCII letters only, whatever the wallet is called."""
    subject = contents.subject
    parts = ["fills"]
    if subject.number is not None:
        parts.append(f"order-{subject.number}")
    if contents.wallet is not None:
        parts.append(f"wallet-{contents.wallet.pubkey[:6]}")
    if year := file.year or subject.year:
        parts.append(str(year))
    if file.part is not None:
        parts.append(f"part-{file.part}")
    return f"{'-'.join(parts)}.{form.value}"


# --- pieces ----------------------------------------------------------------------------------------------


def _title(contents: subjects.Contents, year: int | None = None, part: int | None = None) -> str:
    subject = contents.subject
    said = [texts.STATEMENT_TITLE]
    if subject.number is not None:
        pair = f" {render.pair(*contents.pair)}" if contents.pair else ""
        said.append(f"#{subject.number}{pair}")
    elif contents.wallet is not None:
        said.append(render.foreign(contents.wallet.name))
    else:
        said.append(texts.STATEMENT_ALL)
    if year := year or subject.year:
        said.append(str(year))
    if part is not None:
        said.append(texts.STATEMENT_PART.format(part=part))
    return " · ".join(said)


def _span(count: int, first_at: datetime, last_at: datetime) -> str:
    first, last = (f"{moment:%Y-%m-%d}" for moment in (first_at, last_at))
    return texts.STATEMENT_SPAN.format(count=count, first=first, last=last)


def _gap(gap: archive.Gap, when: When) -> str:
    wallet, why = render.foreign(gap.wallet.name), order_screens.reason(gap.error)
    if not gap.whole:
        return texts.STATEMENT_NOT_WHOLE.format(wallet=wallet, why=why)
    if gap.looked_at is None:
        return texts.STATEMENT_UNKNOWN.format(wallet=wallet, why=why)
    until = render.absolute(gap.looked_at, when.zone)
    return texts.STATEMENT_UP_TO.format(wallet=wallet, when=until, why=why)


def _key(subject: subjects.Subject) -> tuple[int, str]:
    """As buttons carry it."""
    if subject.number is not None:
        return subject.number, "order"
    return (0, "all") if subject.wallet_id is None else (subject.wallet_id, "wallet")


def _year_rows(contents: subjects.Contents) -> list[markup.Row]:
    """Nothing to choose from is no question."""
    chosen = contents.subject.year
    if len(contents.years) < 2 and chosen is None:
        return []
    years = [0, *contents.years[:MOST_YEARS]]
    buttons = []
    for year in years:
        said = str(year) if year else texts.B_ALL_YEARS
        mark = "✓ " if (chosen or 0) == year else ""
        buttons.append(markup.button(f"{mark}{said}", "statement", *_key(contents.subject), year))
    return [buttons[start : start + _IN_A_ROW] for start in range(0, len(buttons), _IN_A_ROW)]


def _back(subject: subjects.Subject) -> markup.Button:
    """An order is reached from its fills, and is not among what can be chosen."""
    if subject.number is not None:
        return markup.button(texts.B_BACK, "fills", subject.number, 0)
    return markup.button(texts.B_BACK, "statements", 0)


def _form_row(subject: subjects.Subject) -> markup.Row:
    return [
        markup.button(
            label, "file", *_key(subject), subject.year or 0, form.value, style=markup.Style.PRIMARY
        )
        for form, label in ((statements.Format.CSV, texts.B_CSV), (statements.Format.JSON, texts.B_JSON))
    ]
