"""/export: the file that was asked for, what it may lack, and the way back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors, texts
from bot.chat import markup, order_screens, statement_screens
from bot.chat.handlers import statement
from bot.chat.handlers.statement import Line
from bot.domain import amounts
from bot.domain.statements import Format
from bot.ports import FillExtent
from bot.services import archive, subjects
from bot.services.subjects import Subject
from tests.fakes import chat_services as fakes
from tests.fakes import telegram
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.virtual_time import in_virtual_time
from tests.unit.chat.test_render import NASTY, TOKENS, check

WHEN = order_screens.When(fakes.START, fakes.START)


def ready(chat: ChatDriver) -> None:
    """Two wallets, the order #7 with three fills of this year, #8 with one of the last."""
    savings = replace(fakes.wallet(2, pubkey=fakes.OTHER), name="Savings 2")
    chat.fakes.wallets.wallets[7] = [fakes.wallet(), savings]
    old = fakes.fill(1)
    old = replace(old, fill=replace(old.fill, confirmed_at=datetime(2025, 5, 1, tzinfo=UTC)))
    chat.fakes.orders.views[7] = [fakes.view(8, known=[old]), fakes.view(7)]


async def _shown(chat: ChatDriver, text: str) -> telegram.Sent:
    """The first message that a command sends."""
    before = {sent.id for sent in chat.api.in_chat(7)}
    await chat.send(text)
    return next(sent for sent in chat.api.in_chat(7) if sent.id not in before)


# --- by buttons ------------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_file_by_buttons() -> None:
    """Whose, which year, which form; the screen says what is going on and stays, the file comes below."""
    async with running() as chat:
        ready(chat)
        choice = await _shown(chat, "/export")
        assert choice.labels[:3] == ["👛 All wallets", "Wallet 1", "Savings 2"]
        screen = await chat.press(choice, "All wallets")
        assert screen.id == choice.id
        assert "4 in all, 2025-05-01 to 2026-11-20 (UTC)" in screen.text
        assert screen.labels[:5] == ["✓ All years", "2026", "2025", "📊 CSV", "🧩 JSON"]
        await chat.press(screen, "2026")
        assert "3 in all, 2026-11-20" in screen.text
        assert "✓ 2026" in screen.labels
        file = await chat.press(screen, "CSV")
        assert file.file == ("fills-2026.csv", b"content")
        assert "Fills · all wallets · 2026\n3 in all" in file.text
        assert "Complete, as of" in file.text
        assert "✅ Sent below. Fills: 3" in screen.text
        assert any("⏳" in version for version in screen.versions)
        assert chat.fakes.statements.asked == [(Subject(year=2026), Format.CSV)]
        assert chat.fakes.archive.asked == [Subject(year=2026)]
        again = await chat.press(file, "Export")
        assert again.id not in {screen.id, file.id}, "what was sent stays"


@in_virtual_time
async def test_from_a_wallet_an_order_and_the_latest_fills() -> None:
    async with running() as chat:
        ready(chat)
        choice = await _shown(chat, "/export")
        await chat.press(choice, "Savings 2")
        assert "Fills · Savings 2" in choice.text
        file = await chat.press(choice, "JSON")
        assert chat.fakes.statements.asked == [(Subject(wallet_id=2), Format.JSON)]
        of_order = await _shown(chat, "/fills 7")
        await chat.press(of_order, "Export")
        assert "Fills · #7 USDC → SOL" in of_order.text
        file = await chat.press(of_order, "CSV")
        assert file.file is not None
        assert file.file[0] == "fills-order-7.csv"
        await chat.press(of_order, "Back")
        assert "Fills of #7" in of_order.text
        latest = await _shown(chat, "/fills")
        assert "all wallets" in (await chat.press(latest, "Export")).text


@in_virtual_time
async def test_forged_and_old_buttons_do_nothing() -> None:
    """Somebody else's wallet, a year of no century, a form that is none, a subject that is none."""
    async with running() as chat:
        ready(chat)
        screen = await _shown(chat, "/export")
        for data in (
            "statement:99:wallet:0",
            "statement:99:order:0",
            "statement:0:all:99999",
            "statement:0:everybody:0",
            "file:0:all:0:exe",
            "file:0:all",
            "statements:-1",
        ):
            await chat.tap(data, screen)
        assert chat.fakes.statements.asked == []
        said = [sent.text for sent in chat.api.in_chat(7)]
        assert not any("Something went wrong" in text for text in said)


# --- in one line -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("7", Line("7")),
        ("#2025", Line("#2025")),
        ("2025", Line("", 2025)),
        ("all", Line()),
        ("JSON all 2024", Line("", 2024, Format.JSON)),
        ("My Savings 2 2025 csv", Line("My Savings 2", 2025)),
        ("1999", Line("1999")),
    ],
)
def test_a_line_is_read(text: str, line: Line) -> None:
    assert statement.parse(text) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("dca 2025", Line("dca 2025")),
        ("DCA 2025 json", Line("DCA 2025", None, Format.JSON)),
        ("DCA 2025 2026", Line("DCA 2025", 2026)),
        ("2026 DCA 2025", Line("DCA 2025", 2026)),
        ("all in", Line("all in")),
        ("2025", Line("", 2025)),
        ("DCA 2026", Line("DCA", 2026)),
    ],
)
def test_a_year_in_the_name_of_a_wallet_belongs_to_the_name(text: str, line: Line) -> None:
    assert statement.parse(text, ["DCA 2025", "All in", "2025"]) == line


@pytest.mark.parametrize("text", ["2024 2025", "csv json", "csv csv", "Savings 2024 2025"])
def test_two_years_or_forms_are_refused(text: str) -> None:
    with pytest.raises(errors.InvalidInput, match="/export"):
        statement.parse(text, ["Savings 2024", "Savings 2025"])


@in_virtual_time
@pytest.mark.parametrize(
    ("text", "subject", "form"),
    [
        ("/export 7", Subject(number=7), Format.CSV),
        ("/export #7 json", Subject(number=7), Format.JSON),
        ("/export 2025", Subject(year=2025), Format.CSV),
        ("/export all", Subject(), Format.CSV),
        ("/export savings 2", Subject(wallet_id=2), Format.CSV),
        (f"/export {fakes.OTHER} 2025", Subject(wallet_id=2, year=2025), Format.CSV),
    ],
)
async def test_a_file_in_one_line(text: str, subject: Subject, form: Format) -> None:
    async with running() as chat:
        ready(chat)
        await chat.send(text)
        assert chat.fakes.statements.asked == [(subject, form)]


@in_virtual_time
async def test_what_cannot_be_meant_is_said() -> None:
    """Nothing is sent; a person without a wallet is told so."""
    async with running() as chat:
        assert "no wallet here" in (await _shown(chat, "/export")).text
        ready(chat)
        for text, said in (
            ("/export 99", "no order #99"),
            ("/export nonsense", "No order"),
            ("/export csv json", "I read exports like this"),
            ("/export 🙂", ""),
        ):
            shown = await _shown(chat, text)
            assert said in shown.text or "You have no" in shown.text
        assert chat.fakes.statements.asked == []


# --- what the file may lack ------------------------------------------------------------------------------


@in_virtual_time
async def test_no_fills_is_no_file() -> None:
    """It is said that Jupiter was asked; the way to other years is there."""
    async with running() as chat:
        ready(chat)
        screen = await _shown(chat, "/export 2023")
        assert "None that I know of" in screen.text
        assert "Complete, as of" in screen.text
        assert "✓ 2023" not in screen.labels
        assert {"All years", "2026", "2025"} <= set(screen.labels)
        assert not any(sent.file for sent in chat.api.in_chat(7))


@in_virtual_time
async def test_several_files_say_so() -> None:
    async with running() as chat:
        ready(chat)
        first = fakes.statement_file(20_000, year=2025, part=1)
        chat.fakes.statements.made = [first, replace(first, part=2), fakes.statement_file(5, year=2026)]
        screen = await _shown(chat, "/export all json")
        files = [sent for sent in chat.api.in_chat(7) if sent.file]
        names = [sent.file[0] for sent in files if sent.file]
        assert names == ["fills-2025-part-1.json", "fills-2025-part-2.json", "fills-2026.json"]
        assert "in 3 files. Fills: 40005" in screen.text
        assert "part 2" in files[1].text
        assert "they come by year" in files[2].text


@in_virtual_time
async def test_a_failure_is_said_and_can_be_repeated() -> None:
    async with running() as chat:
        ready(chat)
        chat.fakes.statements.error = errors.StorageError("The database is busy.")
        screen = await _shown(chat, "/export all")
        assert "could not be sent" in screen.text
        assert "Error id" in chat.newest().text
        chat.fakes.statements.error = None
        assert (await chat.press(screen, "CSV")).file is not None


def _gap(name: str = "Savings", *, whole: bool = True, looked: bool = True) -> archive.Gap:
    return archive.Gap(
        wallet=replace(fakes.wallet(), name=name),
        error="Jupiter does not answer right now. Nothing was sent.",
        looked_at=fakes.START - timedelta(hours=3) if looked else None,
        whole=whole,
    )


def test_the_caption_says_up_to_when_it_is_complete() -> None:
    found = archive.Completeness(
        gaps=[_gap(), _gap("New", whole=False, looked=False), _gap("Other", looked=False), _gap("Fourth")],
        short=[3, 7, 8, 9, 10, 11],
    )
    text = "\n".join(statement_screens.describe(found, WHEN))
    said = telegram.parse_html(text)
    assert "Savings: complete up to 2026-11-20 10:31 UTC. Jupiter does not answer right now.\n" in said
    assert "New: orders that ended long ago may be missing." in said
    assert "Other: newer fills may be missing." in said
    assert "more wallets that I could not read: 1" in said
    assert "#3, #7, #8, #9, #10, …: Jupiter does not list every fill yet" in said
    whole = telegram.parse_html("\n".join(statement_screens.describe(archive.Completeness(), WHEN)))
    assert whole == "Complete, as of 2026-11-20 13:31 UTC."


@given(NASTY, TOKENS, st.sampled_from(["all", "wallet", "order"]), st.integers(0, 30), st.booleans())
def test_screens_and_captions_fit_whatever_things_are_called(
    name: str, token: amounts.Token, kind: str, years: int, split: bool
) -> None:
    wallet = replace(fakes.wallet(10**9), name=name)
    contents = subjects.Contents(
        subject=Subject(
            wallet_id=wallet.id if kind == "wallet" else None,
            number=2**31 - 1 if kind == "order" else None,
            year=2199 if split else None,
        ),
        wallet=wallet if kind == "wallet" else None,
        pair=(token, token) if kind == "order" else None,
        extent=FillExtent(10**6, fakes.START, fakes.START),
        years=range(2199, 2199 - years, -1),
    )
    check(statement_screens.build(contents, note=texts.STATEMENT_WORKING))
    check(statement_screens.build_choice([wallet] * 50, 3))
    file = fakes.statement_file(10**6, year=2199, part=10**4)
    found = archive.Completeness(gaps=[_gap(name, whole=split)] * 20, short=[2**31] * 99)
    caption = statement_screens.build_caption(contents, file, found, WHEN)
    check(caption)
    assert len(caption.html) <= markup.CAPTION_LIMIT
    assert statement_screens.name_file(contents, file, Format.JSON).isascii()
