"""Charts and reports as a person sees them: on the real page, drawn by the real process."""

from tests import harness
from tests.e2e import browser
from tests.e2e.test_browser import move_in


def shown(phone: browser.Phone, bubble: browser.Bubble) -> tuple[int, int, int]:
    """Natural width and height of the newest picture in a message, and how wide it is on the screen."""
    picture = phone.page.locator(f'li[data-message-id="{bubble.id}"] img').last
    picture.wait_for()
    size: list[int] = picture.evaluate(
        "async (img) => { await img.decode(); return [img.naturalWidth, img.naturalHeight, img.clientWidth] }"
    )
    return size[0], size[1], size[2]


def test_an_order_and_a_wallet_are_seen_at_a_glance(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """The picture fills the width of the chat; its words say the same; each leads on to the other."""
    person = move_in(sandbox, phone)
    phone.say(f"/orders {person.price}", "price order · active")
    chart = phone.press("Chart", "Chart of", "One fill", "Average:")
    width, height, on_screen = shown(phone, chart)
    assert (width, height) == (1080, 720)
    assert on_screen >= 0.6 * browser.WIDTH
    report = phone.press("Report", "Report of", "Paid in all", "Jupiter's fees: 0.0001", "Fills: 1")
    assert report.id != chart.id
    back = phone.press("Back", "Order account")
    assert back.id == report.id

    phone.say("/wallet", "👛 Wallets")
    phone.press("Wallet 1", "2500 USDC", person.wallet)
    of_wallet = phone.press("Chart", "Chart of", "Invested: ≈ $", "Worth now: ≈ $")
    assert shown(phone, of_wallet)[0] == 1080
    assert not phone.overflows()


def test_prices_are_sampled_while_an_order_runs(sandbox: harness.Sandbox, phone: browser.Phone) -> None:
    """In fast order time, too: after a while the chart has its market line."""
    person = move_in(sandbox, phone)
    sandbox.advance(60)
    phone.wait("Fill ", "USDC → SOL", "Bought")

    def watched() -> bool:
        phone.say(f"/orders {person.time}", "time order")
        return phone.press("Chart", "Chart of").has("prices that I saw myself")

    harness.wait_until(watched, "a market line")
