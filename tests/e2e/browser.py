"""A phone with the chat page open in a real browser: what is on its screen, and a finger."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright import async_api

from tests import harness
from tests.e2e import steps

Chromium = async_api.Browser
EXECUTABLE = "/usr/bin/chromium"
WIDTH, HEIGHT = 390, 844
LOOK_S = 0.25
"""Every look costs the page a whole reading, and many phones look at once."""
LONGEST_TEXT = 4096
LONGEST_LABEL = 20
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",
)
_READ = """() => [...document.querySelectorAll("li.message:not(.leaving)")].map((node) => ({
    id: Number(node.dataset.messageId),
    mine: node.classList.contains("user"),
    text: node.querySelector(".text")?.innerText.replace(node.querySelector(".meta").innerText, "") ?? "",
    keys: [...node.querySelectorAll(".key")].map((key) => ({
        label: key.textContent,
        acts: !key.matches(".link, .copy"),
        lines: Math.round((key.clientHeight - 16) / parseFloat(getComputedStyle(key).lineHeight)),
        cut: key.scrollWidth > key.clientWidth,
    })),
}))"""


def missing() -> str:
    """What a browser test lacks on this machine; empty if nothing."""
    return "" if shutil.which(EXECUTABLE) else f"no browser at {EXECUTABLE} (Debian: chromium)"


@asynccontextmanager
async def launched() -> AsyncIterator[Chromium]:
    async with async_api.async_playwright() as driver:
        running = await driver.chromium.launch(executable_path=EXECUTABLE, args=list(_FLAGS))
        try:
            yield running
        finally:
            await running.close()


@dataclass(frozen=True)
class Key:
    label: str
    acts: bool
    """Whether the bot hears of it; others open a link or copy a text."""
    lines: int
    """How many lines its label takes."""
    cut: bool
    """Whether a part of the label is out of sight."""


@dataclass(frozen=True)
class Bubble:
    id: int
    mine: bool
    text: str
    keys: tuple[Key, ...]

    def has(self, *parts: str) -> bool:
        text = self.text.casefold()
        return not self.mine and all(part.casefold() in text for part in parts)

    def label(self, part: str) -> str | None:
        return next((key.label for key in self.keys if part.casefold() in key.label.casefold()), None)


@dataclass(frozen=True)
class Phone:
    """One person's phone. Several can be used at once, each in a task of its own."""

    page: async_api.Page
    person: int
    problems: list[str]
    """What the page's own scripts complained of."""

    # --- looking ---

    async def bubbles(self) -> list[Bubble]:
        """What is in the chat, oldest first."""
        read: list[dict[str, Any]] = await self.page.evaluate(_READ)
        return [
            Bubble(one["id"], one["mine"], one["text"], tuple(Key(**key) for key in one["keys"]))
            for one in read
        ]

    async def last_id(self) -> int:
        return max((bubble.id for bubble in await self.bubbles()), default=0)

    async def wait(self, *parts: str, after: int = 0, timeout: float = harness.WAIT_S) -> Bubble:
        """The newest message of the bot that contains all the parts."""
        return await self._find(
            lambda one: one.id > after and one.has(*parts), f"a message with {parts}", timeout
        )

    async def wait_key(self, label: str, after: int = 0) -> Bubble:
        """The newest message with such a key."""
        return await self._find(
            lambda one: one.id > after and one.label(label) is not None, f"a key {label!r}", harness.WAIT_S
        )

    async def _find(self, fits: Callable[[Bubble], bool], what: str, timeout: float) -> Bubble:
        async def look() -> Bubble | None:
            return next((one for one in reversed(await self.bubbles()) if fits(one)), None)

        return await self._until(look, what, timeout)

    async def _until(self, look: Callable[[], Awaitable[Bubble | None]], what: str, timeout: float) -> Bubble:
        try:
            async with asyncio.timeout(timeout):
                while True:
                    seen = await look()
                    if seen is not None:
                        return seen
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            end = (await self.bubbles())[-4:]
            raise AssertionError(f"waited {timeout:.0f} s for {what}; the chat ends with {end}") from None

    async def overflows(self) -> bool:
        """Whether one would have to scroll sideways."""
        wide: bool = await self.page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        return wide

    # --- touching ---

    async def start(self) -> None:
        await self.page.locator("#start").click()

    async def type(self, text: str) -> None:
        await self.page.locator("#text").fill(text)
        await self.page.locator("#send").click()

    async def say(self, text: str, *parts: str) -> Bubble:
        """Type and send; the answer is the next message with all the parts."""
        before = await self.last_id()
        await self.type(text)
        return await self.wait(*parts, after=before)

    async def choose(self, command: str, *parts: str) -> Bubble:
        """Pick a command from the menu beside the text field."""
        before = await self.last_id()
        await self.page.locator("#menu").click()
        await self.page.locator("#commands li").filter(has_text=f"/{command}").click()
        return await self.wait(*parts, after=before)

    async def touch(self, bubble: Bubble, label: str, times: int = 1) -> None:
        """Put a finger on a key, so many times within a moment."""
        whole = bubble.label(label)
        assert whole is not None, f"no key {label!r} on {bubble}"
        message = self.page.locator(f'li[data-message-id="{bubble.id}"]:not(.leaving)')
        await message.get_by_text(whole, exact=True).last.click(click_count=times)

    async def press(self, label: str, *parts: str) -> Bubble:
        """Touch the newest key with this label; the answer is that message or a newer one with the parts."""
        bubble = await self.wait_key(label)
        await self.touch(bubble, label)
        return await self.wait(*parts, after=bubble.id - 1)

    async def confirm(self, times: int = 1) -> Bubble:
        """Press Confirm on the newest card and wait for its good end."""
        card = await self.wait_key("Confirm")
        await self.touch(card, "Confirm", times)

        async def look() -> Bubble | None:
            now = next(one for one in await self.bubbles() if one.id == card.id)
            return now if any(end in now.text for end in ("Done", "Not done", "Failed", "Refused")) else None

        end = await self._until(look, "the end of a card", harness.WAIT_S)
        assert "✅ Done" in end.text, end
        return end


Phones = Callable[[int], Awaitable[list[Phone]]]
"""Newcomers' phones, so many, with the chat open and nothing said yet."""


@asynccontextmanager
async def opened(browser: Chromium, sandbox: harness.Sandbox, person: int) -> AsyncIterator[Phone]:
    """The chat of this person; afterwards the page's scripts must have had nothing to complain of."""
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, is_mobile=True, has_touch=True, reduced_motion="reduce"
    )
    try:
        page = await context.new_page()
        phone = Phone(page, person, [])
        page.on("pageerror", lambda error: phone.problems.append(str(error)))
        await page.goto(f"{sandbox.url}/?user={person}")
        yield phone
        assert phone.problems == []
    finally:
        await context.close()


async def move_in(sandbox: harness.Sandbox, phone: Phone) -> steps.Person:
    """Press START, create a wallet, look at the orders."""
    await phone.page.locator("#description").filter(has_text="custodial").wait_for()
    await phone.start()
    await phone.wait("custodial", "no real funds")
    created = await phone.press("Create a wallet", "Wallet created")
    address = steps.ADDRESS.search(created.text)
    assert address is not None
    listed = await phone.press("Orders", "Active orders", "price order", "time order")
    numbers = {family: int(number) for number, family in steps.LISTED.findall(listed.text)}
    return steps.Person(sandbox, sandbox.chat(phone.person), address[0], numbers)
