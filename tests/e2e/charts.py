"""Charts and reports as a person sees them: on the real page, drawn by the real process."""

import asyncio

from tests import harness
from tests.e2e import browser

LINE_WITHIN_S = 60


async def _shown(phone: browser.Phone, bubble: browser.Bubble) -> tuple[int, int, int]:
    """Natural width and height of the newest picture in a message, and how wide it is on the screen."""
    picture = phone.page.locator(f'li[data-message-id="{bubble.id}"] img').last
    await picture.wait_for()
    size: list[int] = await picture.evaluate(
        "async (img) => { await img.decode(); return [img.naturalWidth, img.naturalHeight, img.clientWidth] }"
    )
    return size[0], size[1], size[2]


async def see_an_order_and_a_wallet_at_a_glance(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """The picture fills the width of the chat; its words say the same; each leads on to the other."""
    person = await browser.move_in(sandbox, phone)
    await phone.say(f"/orders {person.price}", "price order · active")
    chart = await phone.press("Chart", "Chart of", "One fill", "Average:")
    width, height, on_screen = await _shown(phone, chart)
    assert (width, height) == (1080, 720)
    assert on_screen >= 0.6 * browser.WIDTH
    report = await phone.press("Report", "Report of", "Paid in all", "Jupiter's fees: 0.0001", "Fills: 1")
    assert report.id != chart.id
    back = await phone.press("Back", "Order account")
    assert back.id == report.id

    await phone.say("/wallet", "👛 Wallets")
    await phone.press("Wallet 1", "2500 USDC", person.wallet)
    of_wallet = await phone.press("Chart", "Chart of", "Invested: ≈ $", "Worth now: ≈ $")
    assert (await _shown(phone, of_wallet))[0] == 1080


async def see_prices_that_were_sampled(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """In fast order time, too: after a while the chart of a running order has its market line."""
    person = await browser.move_in(sandbox, phone)
    await phone.wait("Fill ", "USDC → SOL", "Bought")
    async with asyncio.timeout(LINE_WITHIN_S):
        while True:
            await phone.say(f"/orders {person.time}", "time order")
            chart = await phone.press("Chart", "Chart of")
            if chart.has("prices that I saw myself"):
                return
