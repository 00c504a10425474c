"""Which calls count against Jupiter's rate limit at a moment. Pure: every method is told the time.

The service counts the calls of the last 60 seconds, for a whole organisation and all endpoints together,
and a slot frees 60 seconds after its call. We count a call from its start until 60 seconds after its *end*:
the service saw it somewhere in between, so whatever the network does to the spacing, ours is never the
earlier view. Bursts are fine; only the sum counts.
"""

import heapq

from bot.ports import Priority

LENGTH_S = 60.0

_BACKGROUND = (Priority.DUE, Priority.SWEEP)

# What may be in the window at once, in percent of the limit. Background work leaves 30 % to people; due
# polls leave a tenth to sweeps and people leave a tenth to everybody else, so that nobody ever starves;
# a confirmed action may use all.
_CAPS: dict[Priority, tuple[tuple[tuple[Priority, ...], int], ...]] = {
    Priority.ACTION: (),
    Priority.PERSON: (((Priority.PERSON,), 90),),
    Priority.DUE: (((Priority.DUE,), 60), (_BACKGROUND, 70)),
    Priority.SWEEP: ((_BACKGROUND, 70),),
}


class Window:
    """Calls in flight, calls of the last 60 seconds, and what the service says of calls by others.

    Times are seconds of one monotonic clock.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._counts = dict.fromkeys(Priority, 0)
        self._expiries: list[tuple[float, Priority]] = []
        self._foreign = 0
        self._foreign_first = 0.0
        self._foreign_last = 0.0
        self._observed_at = float("-inf")
        self._closed_until = float("-inf")
        self._refusals = 0

    def may_start(self, priority: Priority, now: float) -> bool:
        self._drop_expired(now)
        return (
            now >= self._closed_until
            and (self._used(now) < self._slots or self._may_probe(now))
            and all(self._group(group) < self._cap(percent) for group, percent in _CAPS[priority])
        )

    def start(self, priority: Priority) -> None:
        """Count a call from now on; `end` or `undo` must follow."""
        self._counts[priority] += 1

    def undo(self, priority: Priority) -> None:
        """Take a start back: the call was never made, or the service did not count it."""
        self._counts[priority] -= 1

    def end(self, priority: Priority, now: float) -> None:
        """The call is over; it counts for another window."""
        heapq.heappush(self._expiries, (now + LENGTH_S, priority))

    def observe(self, remaining: int, reset_in_s: float | None, began: float, now: float) -> None:
        """Learn from `x-ratelimit-remaining` and `-reset`: the service is right, not we.

        What it counts beyond our own calls are calls by others in the same bucket (or a smaller bucket):
        the first of them leaves at the reset, all of them within a window, but others are assumed to go on
        as they did until an answer says how it is now. Answers overtake each other, so one to a call that
        `began` before the last answer came can only make it worse.
        """
        self._drop_expired(now)
        # It may be negative, and still a slot is free at the reset.
        foreign = max(0, self._slots - sum(self._counts.values()) - max(0, remaining))
        if began > self._observed_at or foreign >= self._foreign_at(now):
            self._foreign = foreign
            self._foreign_last = now + LENGTH_S
            self._foreign_first = now + (2 * LENGTH_S if reset_in_s is None else reset_in_s)
        self._observed_at = now
        if remaining <= 0 and reset_in_s is not None:
            self._closed_until = max(self._closed_until, now + reset_in_s)

    def accept(self) -> None:
        """The service took a call: the next refusal is the first again."""
        self._refusals = 0

    def refuse(self, reset_in_s: float | None, now: float) -> None:
        """The service said 429: nobody starts before the reset; without one, pauses double up to a window."""
        if now >= self._closed_until:
            self._refusals += 1
        pause_s = min(LENGTH_S / self._slots * 2 ** min(self._refusals, 10), LENGTH_S)
        self._closed_until = max(self._closed_until, now + (reset_in_s or pause_s))

    def pause_s(self, now: float) -> float:
        """How long the service asked us not to call."""
        return max(0.0, self._closed_until - now)

    def next_change_at(self, now: float) -> float | None:
        """When waiting may first help; None = not before a call in flight ends."""
        times = [self._closed_until] if self._closed_until > now else []
        if self._expiries:
            times.append(self._expiries[0][0])
        if self._foreign:
            times.extend(time for time in (self._foreign_first, self._foreign_last) if time > now)
        return min(times, default=None)

    def free_at(self, priority: Priority, ahead: int, now: float) -> float:
        """Earliest time for this call if `ahead` others go first; an estimate for words and fast refusals.

        That others fill the bucket is a guess which the answer to one call can end, so only the time until
        that call may be made is certain.
        """
        self._drop_expired(now)
        times = [time for time, _ in self._expiries]
        times += [max(now, self._foreign_first)] * self._foreign_at(now)
        answers = [now, self._closed_until, _nth(times, self._used(now) + ahead + 1 - self._slots, now)]
        for group, percent in _CAPS[priority]:
            own = [time for time, of in self._expiries if of in group]
            answers.append(_nth(own, self._group(group) + 1 - self._cap(percent), now))
        return max(answers)

    def _cap(self, percent: int) -> int:
        return max(1, self._slots * percent // 100)

    def _group(self, group: tuple[Priority, ...]) -> int:
        return sum(self._counts[priority] for priority in group)

    def _used(self, now: float) -> int:
        return sum(self._counts.values()) + self._foreign_at(now)

    def _foreign_at(self, now: float) -> int:
        """Calls by others that are taken to count; the first leaves at the service's reset."""
        return max(0, self._foreign - (now >= self._foreign_first))

    def _may_probe(self, now: float) -> bool:
        """When what is known of others is a window old, one call at a time may go and ask."""
        own = sum(self._counts.values())
        return now >= self._foreign_last and own < self._slots and own == len(self._expiries)

    def _drop_expired(self, now: float) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            _, priority = heapq.heappop(self._expiries)
            self._counts[priority] -= 1
        if now >= self._foreign_last + LENGTH_S:
            self._foreign = 0


def _nth(times: list[float], needed: int, now: float) -> float:
    """When the needed-th of these slots frees; a window from now if that hangs on calls in flight."""
    if needed <= 0:
        return now
    known = heapq.nsmallest(needed, times)
    return known[-1] if len(known) == needed else now + LENGTH_S
