"""What waits more than it does goes on side by side: other people each, and none who switches faults on."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from tests.e2e import steps

Way = Callable[[steps.People], None]

AT_ONCE = 5


class Together:
    """Ways that have begun; `end` waits for one of them and raises what it raised."""

    def __init__(self, begun: dict[Way, Future[None]]) -> None:
        self._begun = begun

    def end(self, way: Way) -> None:
        self._begun[way].result()


@contextmanager
def begin(people: steps.People, ways: Sequence[Way]) -> Iterator[Together]:
    """Those that last longest belong to the front."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield Together({way: pool.submit(way, people) for way in ways})
        pool.shutdown(cancel_futures=True)


def name(way: Way) -> str:
    return way.__name__
