"""Wake everybody who waits for a change; one event loop, no locks."""

import asyncio


class Changes:
    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def notify(self) -> None:
        for event in self._waiting:
            event.set()

    async def wait(self, timeout_s: float | None) -> bool:
        """True = notified, False = the time is up, if there is any."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            return False
        else:
            return True
        finally:
            self._waiting.discard(event)
