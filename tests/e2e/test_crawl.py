"""Presses buttons in a real browser: no dead ends, no errors, nothing that a phone cannot show.

That none is left out is shown by tests/unit/chat/test_crawl.py, without the browser.
"""

import asyncio
import re
import time
from collections import deque
from dataclasses import dataclass, field

from tests import harness
from tests.e2e import browser

WALKERS = 3
SCREENS, PRESSED = 16, 10
"""So many are enough."""
FOR_S = 120.0
SETTLED_S = 2.5
COMMANDS = (
    "/start",
    "/orders",
    "/wallet",
    "/orders 1",
    "/export 1",
    "/settings",
    "/settings fills",
    "/settings quiet",
    "/report 1",
    "/deposit 1 10",
    "/withdraw 1 all",
    "/cancel 2",
    "/new 500 USDC to SOL in 10 every 1d",
    "/send 1 USDC 4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T",
)
NEVER = ("Erase for good", "Start export")
"""What costs a wallet or shows a key."""
_WORKING = re.compile(r"⏳|✍️|📨 Sent ·")
UNASKED = re.compile(r"🟢|🔔 (?:\d|Order)|🏁|🆕 #|✋ #|🪫 #|🔁")
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_CHANGING = re.compile(
    rf"{_BASE58}{{4}}…{_BASE58}{{4}}|\b{_BASE58}{{32,44}}\b|[\d.,]+|\b(?:s|min|h|days?)\b|[▓░]+"
)


@dataclass
class Screen:
    """A screen by what stays the same on it; its keys lead to other screens, or nobody knows yet."""

    keys: dict[str, str | None] = field(default_factory=dict)


@dataclass
class Map:
    """What several people have found out together."""

    screens: dict[str, Screen] = field(default_factory=dict)
    from_command: dict[str, str] = field(default_factory=dict)
    pressed: int = 0

    def learn(self, bubble: browser.Bubble) -> str:
        name = kind_of(bubble)
        keys = self.screens.setdefault(name, Screen()).keys
        for key in bubble.keys:
            if key.acts and not forbidden(bubble, key.label):
                keys.setdefault(_still(key.label), None)
        return name

    def next_key(self, start: str) -> str | None:
        """The first key of the shortest known way to one that nobody pressed."""
        ways: deque[tuple[str, str | None]] = deque([(start, None)])
        seen = {start}
        while ways:
            name, first = ways.popleft()
            for label, leads_to in self.screens[name].keys.items():
                if leads_to is None:
                    return first or label
                if leads_to not in seen:
                    seen.add(leads_to)
                    ways.append((leads_to, first or label))
        return None

    def untried(self) -> str | None:
        """A command that nobody has sent."""
        return next((command for command in COMMANDS if command not in self.from_command), None)

    def is_enough(self) -> bool:
        return self.untried() is None and len(self.screens) >= SCREENS and self.pressed >= PRESSED

    def way_back(self) -> str | None:
        """A command from which something unknown can be reached."""
        ways = (command for command, name in self.from_command.items() if name and self.next_key(name))
        return next(ways, None)


def _still(text: str) -> str:
    return _CHANGING.sub("#", text)


def kind_of(bubble: browser.Bubble) -> str:
    lines = [_still(line) for line in bubble.text.splitlines()[:2]]
    return " | ".join([*lines, *sorted({_still(key.label) for key in bubble.keys})])


def forbidden(bubble: browser.Bubble, label: str) -> bool:
    sends = "Confirm" in label and bubble.has("send")
    return sends or any(part in label for part in NEVER)


def passing(bubble: browser.Bubble) -> bool:
    """Whether it is about to change by itself: an action at work, or a card before it gets its buttons."""
    fresh_card = not bubble.keys and bubble.has("Valid for 2 minutes")
    return fresh_card or _WORKING.search(bubble.text) is not None


def check(bubble: browser.Bubble) -> None:
    """What holds for every message of the bot."""
    assert "Error id" not in bubble.text, bubble
    assert "Something went wrong" not in bubble.text, bubble
    assert 0 < len(bubble.text) <= browser.LONGEST_TEXT, bubble
    for key in bubble.keys:
        assert len(key.label) <= browser.LONGEST_LABEL, bubble
        assert key.lines == 1, f"{key.label!r} takes {key.lines} lines: {bubble}"
        assert not key.cut, f"{key.label!r} does not fit: {bubble}"
    if not passing(bubble):
        assert any(key.acts for key in bubble.keys), f"a dead end: {bubble}"


class Walker:
    """One person who tries things."""

    def __init__(self, phone: browser.Phone, map_: Map) -> None:
        self._phone = phone
        self._map = map_

    async def walk(self) -> None:
        """Press what nobody has pressed yet, until there is no such thing, or enough was."""
        while not self._map.is_enough():
            at = await self._newest()
            command = self._map.untried()
            label = self._map.next_key(self._map.learn(at)) if at else None
            if at is not None and label is not None and command is None:
                await self._press(at, label)
                continue
            command = command or self._map.way_back()
            if command is None:
                return
            await self._send(command)

    async def _press(self, at: browser.Bubble, label: str) -> None:
        here = self._map.learn(at)
        whole = next(key.label for key in at.keys if _still(key.label) == label)
        before = await self._seen()
        self._map.screens[here].keys[label] = here
        await self._phone.touch(at, whole)
        await self._settle(before)
        there = await self._newest()
        if there is not None:
            self._map.screens[here].keys[label] = self._map.learn(there)
        self._map.pressed += 1

    async def _send(self, command: str) -> None:
        self._map.from_command.setdefault(command, "")
        before = await self._seen()
        await self._phone.type(command)
        await self._settle(before, harness.WAIT_S)
        there = await self._newest()
        self._map.from_command[command] = self._map.learn(there) if there else ""

    async def _settle(self, before: list[browser.Bubble], patience: float = SETTLED_S) -> None:
        """Until the bot has answered and is done with it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            await asyncio.sleep(browser.LOOK_S)
            now = await self._seen()
            if now != before and not any(map(passing, now)):
                break
        for bubble in await self._seen():
            check(bubble)

    async def _seen(self) -> list[browser.Bubble]:
        """What the bot said when asked."""
        bubbles = await self._phone.bubbles()
        return [one for one in bubbles if not one.mine and not UNASKED.match(one.text)]

    async def _newest(self) -> browser.Bubble | None:
        return max(await self._seen(), key=lambda bubble: bubble.id, default=None)


async def move_in(phone: browser.Phone) -> None:
    await phone.start()
    await phone.press("Create", "Wallet created")


async def test_buttons_lead_somewhere(phones: browser.Phones) -> None:
    """Several people press what none of them has pressed yet, until nothing is left or enough was tried."""
    walking = await phones(WALKERS)
    await asyncio.gather(*map(move_in, walking))
    found = Map()
    async with asyncio.timeout(FOR_S), asyncio.TaskGroup() as group:
        for phone in walking:
            group.create_task(Walker(phone, found).walk())
    for phone in walking:
        assert not await phone.overflows()
        for bubble in await phone.bubbles():
            if not bubble.mine:
                check(bubble)
    assert set(found.from_command) == set(COMMANDS)
    assert len(found.screens) >= SCREENS, sorted(found.screens)
    assert found.pressed >= PRESSED
