"""A phone with the chat page open in a real browser: what is on its screen, and a finger."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright import sync_api

from tests import harness

Chromium = sync_api.Browser
EXECUTABLE = "/usr/bin/chromium"
WIDTH, HEIGHT = 390, 844
LONGEST_TEXT = 4096
LONGEST_LABEL = 20
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
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


@contextmanager
def launched() -> Iterator[Chromium]:
    with sync_api.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=EXECUTABLE, args=list(_FLAGS))
        try:
            yield running
        finally:
            running.close()


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
    """One person's phone."""

    page: sync_api.Page
    person: int
    problems: list[str]
    """What the page's own scripts complained of."""

    # --- looking ---

    def bubbles(self) -> list[Bubble]:
        """What is in the chat, oldest first."""
        read: list[dict[str, Any]] = self.page.evaluate(_READ)
        return [
            Bubble(one["id"], one["mine"], one["text"], tuple(Key(**key) for key in one["keys"]))
            for one in read
        ]

    def last_id(self) -> int:
        return max((bubble.id for bubble in self.bubbles()), default=0)

    def wait(self, *parts: str, after: int = 0, timeout: float = harness.WAIT_S) -> Bubble:
        """The newest message of the bot that contains all the parts."""

        def look() -> Bubble | None:
            return next((one for one in reversed(self.bubbles()) if one.id > after and one.has(*parts)), None)

        return self._until(look, f"a message with {parts}", timeout)

    def wait_key(self, label: str, after: int = 0) -> Bubble:
        """The newest message with such a key."""

        def look() -> Bubble | None:
            return next(
                (one for one in reversed(self.bubbles()) if one.id > after and one.label(label)), None
            )

        return self._until(look, f"a key {label!r}", harness.WAIT_S)

    def _until(self, look: Any, what: str, timeout: float) -> Bubble:
        try:
            seen: Bubble = harness.wait_until(look, what, timeout)
        except AssertionError as exc:
            raise AssertionError(f"{exc}; the chat ends with {self.bubbles()[-4:]}") from None
        return seen

    def overflows(self) -> bool:
        """Whether one would have to scroll sideways."""
        wide: bool = self.page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        return wide

    # --- touching ---

    def start(self) -> None:
        self.page.locator("#start").click()

    def say(self, text: str, *parts: str) -> Bubble:
        """Type and send; the answer is the next message with all the parts."""
        before = self.last_id()
        self.page.locator("#text").fill(text)
        self.page.locator("#send").click()
        return self.wait(*parts, after=before)

    def choose(self, command: str, *parts: str) -> Bubble:
        """Pick a command from the menu beside the text field."""
        before = self.last_id()
        self.page.locator("#menu").click()
        self.page.locator("#commands li").filter(has_text=f"/{command}").click()
        return self.wait(*parts, after=before)

    def touch(self, bubble: Bubble, label: str, times: int = 1) -> None:
        """Put a finger on a key, so many times within a moment."""
        whole = bubble.label(label)
        assert whole is not None, f"no key {label!r} on {bubble}"
        message = self.page.locator(f'li[data-message-id="{bubble.id}"]:not(.leaving)')
        message.get_by_text(whole, exact=True).last.click(click_count=times)

    def press(self, label: str, *parts: str) -> Bubble:
        """Touch the newest key with this label; the answer is that message or a newer one with the parts."""
        bubble = self.wait_key(label)
        self.touch(bubble, label)
        return self.wait(*parts, after=bubble.id - 1)

    def confirm(self, times: int = 1) -> Bubble:
        """Press Confirm on the newest card and wait for its good end."""
        card = self.wait_key("Confirm")
        self.touch(card, "Confirm", times)

        def look() -> Bubble | None:
            now = next(one for one in self.bubbles() if one.id == card.id)
            return now if any(end in now.text for end in ("Done", "Not done", "Failed", "Refused")) else None

        end = self._until(look, "the end of a card", harness.WAIT_S)
        assert "✅ Done" in end.text, end
        return end


@contextmanager
def opened(browser: Chromium, sandbox: harness.Sandbox, person: int) -> Iterator[Phone]:
    """The chat of this person; afterwards the page's scripts must have had nothing to complain of."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, is_mobile=True, has_touch=True, device_scale_factor=2
    )
    try:
        page = context.new_page()
        phone = Phone(page, person, [])
        page.on("pageerror", lambda error: phone.problems.append(str(error)))
        page.goto(f"{sandbox.url}/?user={person}")
        yield phone
        assert phone.problems == []
    finally:
        context.close()
