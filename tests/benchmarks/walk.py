"""Every command and every kind of button, pressed by somebody who has much."""

from collections.abc import AsyncIterator
from typing import Final

from bot.chat import callbacks
from tests.benchmarks.desk import Desk, Step
from tests.fakes.telegram import Sent

NEVER: Final = frozenset({"ok", "removed", "exported", "create"})
"""What moves money, shows a key, or changes how much there is."""
OF_EACH: Final = 2
"""Buttons of one kind that are pressed: the first page is not the last."""


def kind_of(data: str) -> str:
    """A button without the numbers that it carries."""
    return ":".join("#" if part.isdigit() else part for part in data.split(":"))


async def walk(desk: Desk, commands: tuple[str, ...], of_each: int = OF_EACH) -> AsyncIterator[Step]:
    """Until there is nothing new to press."""
    pressed: dict[str, set[str]] = {}
    waiting: list[tuple[Sent, str]] = []

    def learn(step: Step) -> None:
        for sent in step.shown:
            for row in sent.keyboard:
                for button in row:
                    data = button.get("callback_data")
                    found = callbacks.parse(data)
                    if data is None or found is None or found.verb in NEVER:
                        continue
                    known = pressed.setdefault(kind_of(data), set())
                    if data not in known and len(known) < of_each:
                        known.add(data)
                        waiting.append((sent, data))

    for command in commands:
        step = await desk.write(command)
        learn(step)
        yield step
    while waiting:
        step = await desk.tap(*waiting.pop())
        learn(step)
        yield step
