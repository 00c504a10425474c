"""How single values are written: names, amounts, prices, times, progress. Pure; foreign text is escaped."""

import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from bot import texts
from bot.domain import addresses, amounts, lookalikes, zones

EXPLORER = "https://solscan.io"
NAME_LIMIT = 32
CENT = Decimal("0.01")

_WIDE = Context(prec=600)
"""A mint may claim 255 decimals, so that prices have more digits than the usual 28 can round."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = re.compile(r"\s+")
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


# --- foreign text ----------------------------------------------------------------------------------------


def clean(text: str, limit: int = NAME_LIMIT) -> str:
    """Foreign text on one line: no control, format or stacked characters, at most `limit` long.

    Right-to-left text is isolated, so that it cannot reorder what stands around it.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text[: limit * 8]):
        category = unicodedata.category(char)
        if category in {"Zl", "Zp", "Zs"} or char in "\t\n\r":
            kept.append(" ")
        elif category in {"Mn", "Me"}:
            marks += 1
            if marks <= 2:
                kept.append(char)
            continue
        elif category not in _DROPPED:
            kept.append(char)
        marks = 0
    line = _SPACES.sub(" ", "".join(kept)).strip()
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    if any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in line):
        line = f"{_ISOLATE}{line}{_END_ISOLATE}"
    return line or "?"


def escape(text: str) -> str:
    """Our own or already cleaned text, made safe for HTML."""
    return html.escape(text, quote=False)


def foreign(text: str, limit: int = NAME_LIMIT) -> str:
    return escape(clean(text, limit))


def sentence(text: str) -> str:
    """A sentence from a service or a vendor: cleaned, bounded, escaped."""
    return foreign(text, 400)


# --- tokens and amounts ----------------------------------------------------------------------------------


def symbol(token: amounts.Token, limit: int = 12) -> str:
    """Plain symbol, cleaned but not escaped, for labels; its mint is called SOL where SOL is meant."""
    if token.mint == amounts.WSOL_MINT and token.symbol != amounts.WRAPPED_SYMBOL:
        return "SOL"
    return clean(token.symbol, limit)


def sign(token: amounts.Token) -> str:
    """Symbol inside a sentence; whatever is not known to be genuine carries its mint, a look-alike a sign."""
    text = escape(marked(token))
    return text if not token_warning(token) else f"{text} ({addresses.shorten(token.mint)})"


def named(token: amounts.Token) -> str:
    """As sign, with words for what it may be: at least once on every screen on which the token stands."""
    words = _doubt(token)
    return f"{escape(marked(token))} ({addresses.shorten(token.mint)}, {words})" if words else sign(token)


def marked(token: amounts.Token, limit: int = 12) -> str:
    """Plain symbol for labels, with a sign on a look-alike; the words for it stand beside, see `named`."""
    plain = symbol(token, limit)
    return f"⚠️{plain}" if lookalikes.is_lookalike(token) else plain


def pair(source: amounts.Token, target: amounts.Token) -> str:
    return f"{named(source)} → {named(target)}"


def short_pair(source: amounts.Token, target: amounts.Token) -> str:
    """For button labels; not escaped."""
    return " → ".join(marked(token, 5) for token in (source, target))


def token_name(token: amounts.Token) -> str:
    """Symbol with the mint's first and last four characters, flagged when it may not be what it seems."""
    text = f"<code>{escape(symbol(token))}</code> {addresses.shorten(token.mint)}"
    flag = token_warning(token)
    return f"{text} {flag}" if flag else text


def token_to_confirm(token: amounts.Token) -> str:
    """As token_name; what may not be what it seems shows its whole mint, as a short one can be imitated."""
    flag = token_warning(token)
    if not flag:
        return token_name(token)
    return f"<code>{escape(symbol(token))}</code> <code>{foreign(token.mint, 64)}</code> {flag}"


def token_warning(token: amounts.Token) -> str:
    """Words for a token that is a look-alike or unverified; empty for a genuine one."""
    words = _doubt(token)
    return f"⚠️ {words}" if words else ""


def _doubt(token: amounts.Token) -> str:
    if lookalikes.is_lookalike(token):
        return texts.TOKEN_LOOKALIKE
    return "" if token.verified else texts.TOKEN_UNVERIFIED


def amount(raw: int, token: amounts.Token) -> str:
    """Exact amount with its symbol."""
    return f"{amounts.format_amount(raw, token.decimals)} {sign(token)}"


def named_amount(raw: int, token: amounts.Token) -> str:
    """As amount, with words for what the token may be."""
    return f"{amounts.format_amount(raw, token.decimals)} {named(token)}"


def sol(lamports: int) -> str:
    return f"{amounts.format_amount(lamports, amounts.SOL_DECIMALS)} SOL"


def usd(value: Decimal | None) -> str:
    """` (≈ $12.34)` to be appended, or nothing when unknown. An estimate. No line breaks within it."""
    return "" if value is None else f" (≈\u00a0{dollars(value)})"


def dollars(value: Decimal) -> str:
    """`$1,234.50`; what is less than a cent says so."""
    return texts.LESS_THAN_A_CENT if 0 < value < CENT else f"${_rounded(value, CENT):,}"


def price_digits(value: Decimal) -> str:
    """Two decimals from 1 upwards, four significant digits below; never an exponent."""
    if value >= 1:
        return f"{_rounded(value, CENT):f}"
    if value <= 0:
        return "0"
    step = Decimal(1).scaleb(value.adjusted() - 3)
    return f"{_rounded(value, step):f}"


def inverted(source: amounts.Token, target: amounts.Token) -> bool:
    """Whether people quote the pair the other way round than input per output: a stablecoin is bought."""
    return amounts.sells_for_dollars(source.mint, target.mint)


def price_value(value: Decimal, source: amounts.Token, target: amounts.Token) -> Decimal:
    """A price given as input per output, in the pair's usual direction (stablecoin per other)."""
    return 1 / value if inverted(source, target) and value else value


def price_unit(source: amounts.Token, target: amounts.Token) -> str:
    """`USDC per SOL`."""
    if inverted(source, target):
        return texts.PRICE_UNIT.format(one=sign(target), other=sign(source))
    return texts.PRICE_UNIT.format(one=sign(source), other=sign(target))


def price(value: Decimal, source: amounts.Token, target: amounts.Token) -> str:
    return price_digits(price_value(value, source, target))


def against_market(average: Decimal, market: Decimal, source: amounts.Token, target: amounts.Token) -> str:
    """How much cheaper or dearer than now the average bought, or how much higher it sold; an estimate.

    Both prices are input per one output, and more than zero.
    """
    better, worse = texts.BOUGHT_CHEAPER, texts.BOUGHT_DEARER
    if inverted(source, target):
        better, worse = texts.SOLD_HIGHER, texts.SOLD_LOWER
    percent = advantage(average, market, source, target)
    if not percent:
        return texts.AT_THIS_PRICE
    return (better if percent > 0 else worse).format(percent=abs(percent))


def advantage(average: Decimal, market: Decimal, source: amounts.Token, target: amounts.Token) -> Decimal:
    """By how many per cent an average is better than the market: cheaper if it bought, higher if it sold.

    Both prices are input per one output, and more than zero.
    """
    change = market / average - 1 if inverted(source, target) else 1 - average / market
    return _rounded(change * 100, Decimal("0.1"))


def about(raw: int, token: amounts.Token) -> str:
    """An estimated amount with its symbol, in as many digits as a price."""
    return f"{price_digits(amounts.to_decimal(raw, token.decimals))} {sign(token)}"


def signed_percent(value: Decimal) -> str:
    """`+4.0 %`, `−0.8 %`, `0.0 %`."""
    rounded = _rounded(value, Decimal("0.1"))
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded)} %"


def times(amount: Decimal, price: Decimal) -> Decimal:
    """A product that no size of either can spoil."""
    return _WIDE.multiply(amount, price)


def bound(text: str, source: amounts.Token, target: amounts.Token) -> str:
    """A price bound, decimal text of input per output, in the usual direction; other text as it is."""
    if not inverted(source, target):
        return text
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    usual = value.is_finite() and value > 0 and abs(value.adjusted()) < 40
    return f"≈ {price_digits(1 / value)}" if usual else text


# --- progress and time -----------------------------------------------------------------------------------


def bar(percent: int) -> str:
    """`▓▓▓░░░░░░░ 30 %`; full only when it is full."""
    percent = min(100, max(0, percent))
    filled = percent // 10
    return "▓" * filled + "░" * (10 - filled) + f" {percent} %"


def duration(span: timedelta) -> str:
    """`59 min`, `2 h 5 min`, `3 days`: the two largest units."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return texts.SECONDS.format(seconds=seconds)
    parts: list[str] = []
    for size, one, many in texts.UNITS_OF_TIME:
        count, rest = divmod(seconds, size)
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
            seconds = rest
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts)


def every(cycle: timedelta) -> str:
    text = duration(cycle)
    one, _, unit = text.partition(" ")
    return texts.EVERY.format(span=unit if one == "1" and unit in texts.EVERY_ONE else text)


def relative(moment: datetime, now: datetime) -> str:
    """`in 59 min`, `5 min ago`, `due now`."""
    if moment > now:
        return texts.IN_TIME.format(span=duration(moment - now))
    if now - moment < timedelta(minutes=1):
        return texts.DUE_NOW
    return texts.AGO.format(span=duration(now - moment))


def ago(moment: datetime, now: datetime) -> str:
    """How old something is: `just now`, `5 min ago`."""
    return (
        texts.JUST_NOW
        if now - moment < timedelta(minutes=1)
        else texts.AGO.format(span=duration(now - moment))
    )


def soon(moment: datetime, now: datetime) -> str:
    """`in 59 min`, `any moment`: what is due, in few words."""
    return (
        texts.IN_TIME.format(span=duration(moment - now))
        if moment > now + timedelta(seconds=5)
        else texts.ANY_MOMENT
    )


def zone(name: str) -> tzinfo | None:
    """None = UTC, also for a name that is not known here."""
    return zones.resolve(name)


def moment(value: datetime, now: datetime, timezone: str = "UTC") -> str:
    """A time that Telegram shows in the reader's own zone (Bot API 9.5), with a text for older apps."""
    local_zone = zone(timezone)
    local = value.astimezone(local_zone or UTC)
    near = abs(value - now) < timedelta(hours=20)
    text = local.strftime("%H:%M" if near else "%Y-%m-%d %H:%M")
    suffix = "" if local_zone else " UTC"
    return (
        f'<tg-time unix="{int(value.timestamp())}" format="{"t" if near else "dt"}">{text}{suffix}</tg-time>'
    )


def absolute(value: datetime, timezone: str = "UTC") -> str:
    """Date and time, shown in the reader's own zone where the app can."""
    return moment(value, value - timedelta(days=2), timezone)


def due(value: datetime, now: datetime, timezone: str = "UTC") -> str:
    """`≈ 14:30 (in 59 min)`."""
    if value <= now + timedelta(seconds=5):
        return texts.DUE_ANY_MOMENT.format(moment=moment(value, now, timezone))
    return f"≈ {moment(value, now, timezone)} ({relative(value, now)})"


# --- links -----------------------------------------------------------------------------------------------


def tx_url(signature: str) -> str:
    return f"{EXPLORER}/tx/{_token(signature)}"


def account_url(address: str) -> str:
    return f"{EXPLORER}/account/{_token(address)}"


def tx_link(signature: str, text: str = "transaction") -> str:
    return f'<a href="{tx_url(signature)}">{escape(text)}</a>'


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, ROUND_HALF_EVEN, _WIDE)


def _token(text: str) -> str:
    """Only what base58 has: nothing can leave the path of the link."""
    return "".join(char for char in text if char in addresses.ALPHABET)[:128]
