"""Every button of every screen is pressed: none is dead, stale or wrong, and none is left out.

What there is to press is read from the code (tests/fakes/button_sources.py), so that a new button that this
crawl does not reach is a failure, and has to be reached or explained here.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from bot import texts
from bot.chat import callbacks, routes
from tests.fakes import button_sources, crawl_scenes
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.chat_services import FakeServices
from tests.fakes.crawl_scenes import USER
from tests.fakes.telegram import Sent
from tests.fakes.virtual_time import in_virtual_time

SCREENS, PRESSED = 150, 700
"""At least so many; what else is asserted must not be true of nothing."""
MADE_BY: Final = {
    "create_steps": {"nsell", "nbuy"},
    "order_choices": {
        *("order", "deposit", "withdraw", "cancel", "fills", "statement", "chart", "report"),
        *("deposits", "withdraws", "cancels", "charts", "reports"),
    },
    "telling_screens": {"quietto", "quiet", "tellat"},
}
"""Where the code puts a variable for what a button does: what it may be."""
ELSEWHERE: Final[dict[tuple[str, str], str]] = {}
"""By label and verb: buttons that a crawl cannot reach, and the test that presses them."""
RECORDS: Final = re.compile(r"⏳ Checking|⌛ Expired|Not confirmed")
"""Messages that end in themselves, or are about to change: the next screen is a command away."""

_CHANGING = re.compile(
    r"[1-9A-HJ-NP-Za-km-z]{4}…[1-9A-HJ-NP-Za-km-z]{4}|\b[1-9A-HJ-NP-Za-km-z]{32,44}\b"
    r"|\btoken-\d+|\b(?:Wallet \d+|Savings|Holiday)|\d[\d.,:]*|[▓░]+|\b(?:s|min|h|days?|weeks?)\b"
)
_BAD = (texts.UNEXPECTED, texts.UNEXPECTED_CONFIRM, texts.STALE_BUTTON, "Error id")

Step = tuple[str, str]
"""`press` with the kind of a button, or `write` with a text."""


def still(text: str) -> str:
    """Without what changes from one order, wallet or moment to another."""
    return _CHANGING.sub("#", text)


@dataclass(frozen=True, slots=True)
class Way:
    """How to get to a screen, from nothing."""

    scene: str
    opening: str | Callable[[ChatDriver], Any]
    steps: tuple[Step, ...] = ()

    def then(self, step: Step) -> "Way":
        return Way(self.scene, self.opening, (*self.steps, step))


@dataclass(frozen=True, slots=True)
class Key:
    """One kind of button on one kind of screen."""

    screen: str
    step: Step


@dataclass
class Crawl:
    seen: set[Key] = field(default_factory=set)
    screens: set[str] = field(default_factory=set)
    waiting: deque[Way] = field(default_factory=deque)
    pressed: set[tuple[str, str]] = field(default_factory=set)
    """Name of a label, and what the button did."""
    presses: int = 0

    async def walk(self, way: Way) -> None:
        """Go there, and on from there as long as there is something new; the rest waits."""
        allowed = frozenset[int]() if way.scene == "leaving" else frozenset({USER})
        async with running(FakeServices(allowed=allowed)) as chat:
            crawl_scenes.SCENES[way.scene](chat)
            shown = await self._open(chat, way)
            for step in way.steps:
                shown = await self._do(chat, step)
            on: Way | None = Way(way.scene, way.opening, way.steps)
            while on is not None:
                on = self._learn(chat, on, shown)
                if on is not None:
                    shown = await self._do(chat, on.steps[-1])

    def _learn(self, chat: ChatDriver, way: Way, shown: list[Sent]) -> Way | None:
        """Everything new on these screens; one way is gone on at once."""
        fresh: list[Way] = []
        if way.scene == "leaving" and way.steps:
            return None
        for sent in shown:
            title = still(sent.text.partition("\n")[0]).partition(": ")[0]
            screen = f"{title}, leaving" if way.scene == "leaving" else title
            self.screens.add(screen)
            for step in [*steps_of(sent), *answers_to(chat)]:
                key = Key(screen, step)
                if key not in self.seen:
                    self.seen.add(key)
                    fresh.append(way.then(step))
        self.waiting.extend(fresh[1:])
        return fresh[0] if fresh else None

    async def _open(self, chat: ChatDriver, way: Way) -> list[Sent]:
        if isinstance(way.opening, str):
            return await self._watch(chat, lambda: chat.send(str(way.opening)))
        await chat.send("/help")
        opening = way.opening
        return await self._watch(chat, lambda: opening(chat))

    async def _do(self, chat: ChatDriver, step: Step) -> list[Sent]:
        verb, what = step
        if verb == "write":
            return await self._watch(chat, lambda: chat.send(what))
        sent, button = find(chat, what)
        data = callbacks.parse(button["callback_data"])
        assert data is not None
        self.presses += 1
        self.pressed |= {(label, data.verb) for label in {"", *button_sources.labels_of(button["text"])}}
        answered = len(chat.api.called("answerCallbackQuery"))
        shown = await self._watch(chat, lambda: chat.tap(button["callback_data"], sent))
        answers = chat.api.called("answerCallbackQuery")[answered:]
        assert answers, f"the tapped button keeps turning: {button}"
        assert not any(answer.get("show_alert") for answer in answers), (button, answers)
        return shown

    async def _watch(self, chat: ChatDriver, act: Callable[[], Any]) -> list[Sent]:
        """What the person sees after it: new and changed messages, each of which is fine."""
        before = {sent.id: len(sent.versions) for sent in chat.api.sent.values()}
        calls = len(chat.api.calls)
        await act()
        said = [call for call in chat.api.calls[calls:] if call.method in _SAYS]
        assert said, "nothing was said"
        shown = [sent for sent in chat.api.in_chat(USER) if len(sent.versions) > before.get(sent.id, 0)]
        for sent in shown:
            check(sent)
        return shown or [chat.newest()]


_SAYS: Final = {"sendMessage", "editMessageText", "sendPhoto", "sendDocument"}


def check(sent: Sent) -> None:
    assert not any(bad in sent.text for bad in _BAD), sent.text
    if not RECORDS.search(sent.text):
        assert list(steps_of(sent)), f"a dead end: {sent.text}"


def steps_of(sent: Sent) -> Iterator[Step]:
    for row in sent.keyboard:
        for button in row:
            if "callback_data" in button:
                yield "press", kind_of(button)


def kind_of(button: dict[str, Any]) -> str:
    data = callbacks.parse(button["callback_data"])
    assert data is not None, button
    assert data.verb in routes.BUTTONS, button
    args = ":".join("#" if still(arg) != arg else arg for arg in data.args)
    # Cities, years and hours are offered by the dozen; three of each sort are enough to be different.
    label = "#" if data.verb in {"zone", "tellat", "quietto", "nsell", "nbuy"} else still(button["text"])
    return f"{data.verb}:{data.apart}:{args if label != '#' else ''}:{label}"


def find(chat: ChatDriver, kind: str) -> tuple[Sent, dict[str, Any]]:
    """The newest button of that kind."""
    for sent in reversed(chat.api.in_chat(USER)):
        for row in sent.keyboard:
            for button in row:
                if "callback_data" in button and kind_of(button) == kind:
                    return sent, button
    raise AssertionError(f"the way back to {kind} is gone")


def answers_to(chat: ChatDriver) -> Iterator[Step]:
    dialog = chat.fakes.dialogs.dialogs.get(USER)
    if dialog is not None:
        kind = "/".join(filter(None, [dialog["kind"], dialog.get("step")]))
        for text in crawl_scenes.ANSWERS[kind]:
            yield "write", text


def openings() -> Iterator[Way]:
    for scene in crawl_scenes.SCENES:
        for command in crawl_scenes.COMMANDS:
            yield Way(scene, command)
    for unasked in crawl_scenes.UNASKED:
        yield Way("settled", unasked)


@in_virtual_time
async def test_every_button_there_is_leads_somewhere() -> None:
    """From every command and every notice, over every screen and question, right and wrong answers."""
    crawl = Crawl(waiting=deque(openings()))
    while crawl.waiting:
        await crawl.walk(crawl.waiting.popleft())
    made = button_sources.find()
    assert {source.module for source in made if not source.verb} == set(MADE_BY)
    there_are = {(source.label, source.verb) for source in made if source.verb}
    there_are |= {("", verb) for verbs in MADE_BY.values() for verb in verbs}
    there_are |= {("", verb) for verb in routes.BUTTONS}
    missing = there_are - crawl.pressed - ELSEWHERE.keys()
    assert not missing, sorted(missing)
    assert not ELSEWHERE.keys() & crawl.pressed, "explained, and reached all the same"
    assert crawl.presses >= PRESSED
    assert len(crawl.screens) >= SCREENS
