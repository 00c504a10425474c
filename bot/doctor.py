"""`recurring-bot doctor`: does everything that the bot depends on work, and is what we assume still true?

Reads only. One transaction is crafted by Jupiter, for an address that is not ours, and thrown away: how the
API turns prices into the bounds that the program enforces is documented nowhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot import errors, ports, settings, storage
from bot.chat.connection import BotConnection
from bot.domain import amounts, intents
from bot.domain.charts import Chart, Curve, Look
from bot.drawing.painter import WorkerPainter
from bot.jupiter.prices import JupiterPrices
from bot.jupiter.recurring import JupiterRecurring
from bot.jupiter.transport import JupiterTransport
from bot.keys import keyring, rotation
from bot.keys.vault import Vault
from bot.services import creating
from bot.services.tokens import PINNED
from bot.solana import kinds, policy, transactions
from bot.solana.chain import RpcChain
from bot.solana.rpc import Rpc

PATIENCE_S: Final = 20.0
"""For one check; retries of the adapters included."""

STAND_IN: Final = "5tzFkiKscXHK5ZXCGbXZxdw7gTjjD1mBwuoFbhUvuAi9"
"""Whom the trial order is crafted for: an exchange's public hot wallet, which surely holds USDC and SOL."""
PARTS: Final = 2
PART_RAW: Final = 75_000_000
"""75 USDC: above the minimum of 50 USD even on a bad day of USDC."""
SOURCE: Final = PINNED[amounts.USDC_MINT]
TARGET: Final = PINNED[amounts.WSOL_MINT]


class State(StrEnum):
    OK = "ok"
    WRONG = "WRONG"
    UNKNOWN = "could not be checked"


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    state: State
    text: str = ""

    @property
    def broken(self) -> bool:
        return self.state is State.WRONG

    def __str__(self) -> str:
        """One line."""
        said = " ".join(self.text.split())
        return f"{self.name:<10}{self.state.value}{f': {said}' if said else ''}"


async def examine(config: settings.Settings, say: Callable[[str], None]) -> bool:
    """Check everything, saying each finding as soon as it is known. Whether nothing is broken."""
    healthy = True

    def note(finding: Finding) -> Finding:
        nonlocal healthy
        say(str(finding))
        healthy = healthy and not finding.broken
        return finding

    note(check_settings(config))
    ring, found = _look_at_keyring(config)
    note(found)
    note(await _patiently("database", check_database(config, ring), "DATABASE_URL"))
    async with WorkerPainter() as painter:
        note(await _patiently("charts", check_charts(painter), "matplotlib"))
    note(await _patiently("telegram", check_telegram(config), "TELEGRAM_API_URL"))
    key = config.jupiter_api_key.get_secret_value()
    async with JupiterTransport(config.jupiter_api_url, key, config.jupiter_rps) as connection:
        prices = JupiterPrices(connection)
        rate = f"{'with' if key else 'without'} a key, {config.jupiter_rps:g} requests per second"
        jupiter = note(await _patiently("jupiter", check_jupiter(prices, rate), "JUPITER_API_URL"))
        async with Rpc(config.solana_rpc_url) as client:
            note(await _patiently("solana", check_solana(RpcChain(client)), "SOLANA_RPC_URL"))
        if jupiter.broken:
            note(Finding("prices", State.UNKNOWN, "without Jupiter no order can be crafted"))
        else:
            limits = intents.Limits(priority_fee_lamports=config.priority_fee_cap)
            trial = check_mapping(JupiterRecurring(connection), prices, limits)
            note(await _patiently("prices", trial, "JUPITER_API_URL"))
    return healthy


async def _patiently(name: str, check: Awaitable[Finding], setting: str) -> Finding:
    """What a check finds; that it fails is a finding, too, with the setting to look at."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await check
    except TimeoutError:
        return Finding(name, State.WRONG, f"no answer within {PATIENCE_S:.0f} seconds; see {setting}")
    except errors.ConfigurationError as exc:
        return Finding(name, State.WRONG, exc.message)  # it names the setting itself
    except errors.BotError as exc:
        return Finding(name, State.WRONG, f"{exc.message} See {setting}.")
    except OSError as exc:
        return Finding(name, State.WRONG, f"{type(exc).__name__}; see {setting}")


# --- what lies here --------------------------------------------------------------------------------------


def check_settings(config: settings.Settings) -> Finding:
    """They were read, or we would not be here."""
    nobody = config.access == "allowlist" and not config.users
    text = "but nobody may use this bot before ALLOWED_USERS or ADMIN_USERS names them" if nobody else ""
    return Finding("settings", State.OK, text)


def _look_at_keyring(config: settings.Settings) -> tuple[keyring.Keyring | None, Finding]:
    try:
        ring = keyring.load(config.keyring_file, database_folder=config.database_folder)
    except errors.BotError as exc:
        return None, Finding("keyring", State.WRONG, exc.message)
    return ring, Finding("keyring", State.OK, f"{ring.current} is current, of {len(ring.keys)}")


async def check_database(config: settings.Settings, ring: keyring.Keyring | None) -> Finding:
    """Open every wallet. A database that is not there yet is made by the first run, not by this."""
    file = config.database_file
    if file is not None and not file.exists():
        return Finding("database", State.OK, "none yet: the first run makes it")
    async with storage.Storage.open(config.database_url) as stores:
        if ring is None:
            return Finding("database", State.UNKNOWN, "it opens, but not its wallets without the keyring")
        done = await rotation.verify(stores.wallets, Vault(ring))
    if done.failed:
        text = (
            f"{len(done.failed)} of {done.opened + len(done.failed)} wallets cannot be opened; "
            "is it the keyring of this database? See recurring-bot keys verify"
        )
        return Finding("database", State.WRONG, text)
    return Finding("database", State.OK, f"{done.opened} wallets, all of which open")


async def check_charts(painter: ports.Painter) -> Finding:
    """Draw one as the bot would, in a process of its own. Without it people get the words alone."""
    day = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    line = Curve("Trial", Look.LINE, (tuple((moment, Decimal(1)) for moment in day),))
    chart = Chart(title="Trial", unit="USDC", time="UTC", start=day[0], end=day[1], curves=(line,))
    try:
        picture = await painter.paint(chart)
    except errors.DrawingFailed:
        text = "none can be drawn; does matplotlib work here, in the version of deploy/requirements.txt?"
        return Finding("charts", State.WRONG, text)
    return Finding("charts", State.OK, f"one was drawn, of {len(picture) // 1024} KiB")


# --- who is out there ------------------------------------------------------------------------------------


async def check_telegram(config: settings.Settings) -> Finding:
    async with BotConnection(config.token, config.telegram_api_url) as connection:
        try:
            name = await connection.fetch_name()
        except errors.DeliveryError:
            return Finding(
                "telegram", State.WRONG, "it does not answer; see TELEGRAM_API_URL and the network"
            )
    return Finding("telegram", State.OK, f"this bot is {name}")


async def check_jupiter(prices: ports.PriceSource, rate: str) -> Finding:
    await prices.fetch_usd([SOURCE.mint, TARGET.mint])
    return Finding("jupiter", State.OK, rate)


async def check_solana(chain: RpcChain) -> Finding:
    """Alive, and the cluster that we mean: one where USDC is what it is on mainnet."""
    height = await chain.fetch_height("confirmed")
    mint = (await chain.fetch_mints([SOURCE.mint])).get(SOURCE.mint)
    if mint is None or mint.decimals != SOURCE.decimals:
        text = "SOLANA_RPC_URL leads to a cluster without USDC: it must be mainnet"
        return Finding("solana", State.WRONG, text)
    return Finding("solana", State.OK, f"block {height}")


# --- how prices become bounds ----------------------------------------------------------------------------


async def check_mapping(
    gateway: ports.OrderGateway, prices: ports.PriceSource, limits: intents.Limits
) -> Finding:
    """Have an order with a price range crafted, and hold its bounds against what /new would confirm.

    Raises GatewayError; a refusal to craft it leaves the question open.
    """
    usd = await prices.fetch_usd([SOURCE.mint, TARGET.mint])
    market = usd.get(TARGET.mint)
    if market is None:
        return Finding("prices", State.UNKNOWN, "Jupiter knows no price of SOL now")
    intent = build_trial(market / usd.get(SOURCE.mint, Decimal(1)))
    try:
        crafted = await gateway.craft(intent)
    except (errors.OrderRejected, errors.RateLimited) as exc:
        return Finding("prices", State.UNKNOWN, f"Jupiter crafted no order to look at: {exc.message}")
    return judge_mapping(crafted.transaction, intent, limits)


def build_trial(market: Decimal) -> intents.CreateOrder:
    """The order of the trial: USDC into SOL between 0.6 and 1.7 times the market, in USDC per SOL.

    Neither the inverse of the other, so that no wrong mapping gives the right bounds by accident.
    """
    low, high = (f"{market * factor:.2f}" for factor in (Decimal("0.6"), Decimal("1.7")))
    draft = intents.CreateOrder(
        user=STAND_IN,
        input_mint=SOURCE.mint,
        output_mint=TARGET.mint,
        amount_raw=PARTS * PART_RAW,
        number_of_orders=PARTS,
        interval_s=86_400,
    )
    return creating.bounded(draft, SOURCE, TARGET, low, high)


def judge_mapping(transaction: str, intent: intents.CreateOrder, limits: intents.Limits) -> Finding:
    """Whether the crafted bounds are those of the intent, and then whether all of it would be signed."""
    try:
        decoded = transactions.decode(transaction)
    except errors.TransactionMismatch as exc:
        return Finding(
            "prices", State.WRONG, f"the crafted order cannot be decoded ({exc.rule}): {exc.reason}"
        )
    opened = [each.args for each in decoded.instructions if each.name == "open_dca_v2" and each.args]
    if len(opened) != 1:
        return Finding("prices", State.WRONG, "the crafted transaction does not open one time order")
    asked = f"at {intent.min_price} to {intent.max_price} USDC per SOL a part of 75 USDC"
    wanted = intent.min_out_raw, intent.max_out_raw
    got = opened[0]["min_out_amount"], opened[0]["max_out_amount"]
    if any(
        abs((is_ or 0) - (must or 0)) > kinds.BOUND_TOLERANCE for is_, must in zip(got, wanted, strict=True)
    ):
        text = (
            f"{asked} must buy {_show(wanted)}, but Jupiter crafted {_show(got)}: "
            "orders with a price range will be refused"
        )
        return Finding("prices", State.WRONG, text)
    try:
        policy.check(transaction, intent, limits)
    except errors.TransactionMismatch as exc:
        text = f"bounds are mapped as expected, but the order would not be signed ({exc.rule}): {exc.reason}"
        return Finding("prices", State.WRONG, text)
    return Finding("prices", State.OK, f"{asked} buys {_show(got)}, as expected. Nothing was signed")


def _show(bounds: tuple[int | None, int | None]) -> str:
    low, high = ("any" if raw is None else amounts.format_amount(raw, TARGET.decimals) for raw in bounds)
    return f"{low} to {high} SOL"
