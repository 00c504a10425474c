"""The screen of /status. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from bot import ports, texts
from bot.chat import markup, render, wallet_screens
from bot.chat.order_screens import When
from bot.ports import Outgoing
from bot.services import health, status

PAGE = 20


def build_status(seen: status.Status, when: When, page: int = 0) -> markup.Screen:
    """One page of the wallets; everything else on every page."""
    pages = markup.count_pages(len(seen.wallets), PAGE)
    page = min(page, pages - 1)
    lines = [texts.STATUS, ""]
    lines += [_service(name, service, when) for name, service in seen.services.items()]
    if seen.troubles is not None:
        lines += ["", *(_troubles(seen.troubles, when) or [texts.NO_TROUBLE])]
    if seen.wallets:
        lines += ["", texts.LAST_LOOKS]
        lines += [_wallet(look, when) for look in seen.wallets[page * PAGE : (page + 1) * PAGE]]
    lines += ["", texts.UNSENT.format(count=seen.unsent)]
    if seen.queue is not None:
        lines += ["", texts.QUEUE, *_queue(seen.queue)]
    return markup.screen(
        lines,
        markup.turner(page, pages, "status"),
        [markup.button(texts.B_REFRESH, "status", page), markup.button(texts.B_HOME, "home")],
    )


def _service(name: str, service: health.ServiceHealth | None, when: When) -> str:
    if service is None:
        return texts.SERVICE_UNKNOWN.format(name=name)
    if service.ok:
        return texts.SERVICE_OK.format(name=name)
    return texts.SERVICE_DOWN.format(name=name, ago=render.ago(service.since, when.now))


def _troubles(troubles: Sequence[ports.Trouble], when: When) -> list[str]:
    """A line for each kind, with how many there are and since when the oldest."""
    counts = Counter(trouble.topic for trouble in troubles)
    oldest = {trouble.topic: trouble.since for trouble in reversed(troubles)}
    lines = []
    for topic, count in counts.items():
        what = texts.TROUBLES.get(topic) or render.foreign(topic)
        several = f" · {count} ×" if count > 1 else ""
        ago = render.ago(oldest[topic], when.now)
        lines.append(texts.TROUBLE.format(what=what, count=several, ago=ago))
    return lines


def _wallet(look: status.WalletLook, when: When) -> str:
    ago = texts.LOOK_NEVER if look.last_ok_at is None else render.ago(look.last_ok_at, when.now)
    failed = texts.LOOK_FAILED.format(count=look.failures) if look.failures else ""
    return texts.LOOK.format(wallet=wallet_screens.name_of(look.wallet), ago=ago) + failed


def _queue(counts: Mapping[Outgoing, int]) -> list[str]:
    return [words.format(count=counts[Outgoing[state]]) for state, words in texts.QUEUE_STATES.items()]
