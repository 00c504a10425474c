"""The screen of /status. Pure."""

from collections.abc import Mapping

from bot import texts
from bot.chat import markup, render, wallet_screens
from bot.chat.order_screens import When
from bot.ports import Outgoing
from bot.services import health, status

MOST_WALLETS = 30
"""More would not fit beside the rest."""
_MEANS = {
    Outgoing.PENDING: "waiting",
    Outgoing.SENDING: "being sent",
    Outgoing.PLANNED: texts.STATUS_PLANNED,
    Outgoing.HELD: "held for people who blocked the bot",
    Outgoing.DEAD: "given up (dead letters)",
}


def build_status(seen: status.Status, when: When) -> markup.Screen:
    lines = ["🩺 <b>Status</b>", ""]
    lines += [_service(name, service, when) for name, service in seen.services.items()]
    if seen.wallets:
        lines += ["", "<b>Last looked for fills</b>"]
        lines += [_wallet(look, when) for look in seen.wallets[:MOST_WALLETS]]
    if len(seen.wallets) > MOST_WALLETS:
        lines.append(f"… and {len(seen.wallets) - MOST_WALLETS} more")
    if seen.queue is not None:
        lines += ["", "<b>Notices to everybody</b>", *_queue(seen.queue)]
    return markup.screen(lines, [markup.button("🔄 Refresh", "status"), markup.button("🏠 Home", "home")])


def _service(name: str, service: health.ServiceHealth | None, when: When) -> str:
    if service is None:
        return f"⚪ {name}: not asked yet"
    if service.ok:
        return f"✅ {name} answers"
    return f"❌ {name}: no answer, noticed {render.ago(service.since, when.now)}"


def _wallet(look: status.WalletLook, when: When) -> str:
    said = "not yet" if look.last_ok_at is None else render.ago(look.last_ok_at, when.now)
    failed = f" · ⚠️ failed {look.failures} × since" if look.failures else ""
    return f"{wallet_screens.name_of(look.wallet)}: {said}{failed}"


def _queue(counts: Mapping[Outgoing, int]) -> list[str]:
    return [f"{counts[state]} {words}" for state, words in _MEANS.items()]
