"""Tokens that are not what their names say, and how to see that a screen tells so."""

from bot import texts
from bot.chat import markup, render
from bot.domain import addresses, amounts, lookalikes


def _mint(number: int) -> str:
    return addresses.encode_base58(bytes([number]) * 32)


FALSE_USDC = amounts.Token(_mint(1), "USDC", "USD Coin", 6, verified=True)
OTHERS = (
    amounts.Token(_mint(2), "USDТ", "Tether in Cyrillic", 6, verified=True),
    amounts.Token(_mint(3), "دولار", "Right to left", 6, verified=True),
    amounts.Token(_mint(4), "\u202eTDSU", "Turned around", 6, verified=True),
    amounts.Token(_mint(5), "<b>HI</b>", "<i>Hi</i>", 6),
    amounts.Token(_mint(6), "LONG" * 50, "LONG " * 40, 6),
)
PRETENDERS = (FALSE_USDC, *OTHERS)


def look_for_flags(text: str, screen: markup.Screen, tokens: tuple[amounts.Token, ...] = PRETENDERS) -> None:
    """Wherever the symbol of a pretender stands, words say what it may be beside its mint; so on labels."""
    for token in tokens:
        symbol = render.symbol(token)
        words = texts.TOKEN_LOOKALIKE if lookalikes.is_lookalike(token) else texts.TOKEN_UNVERIFIED
        if symbol in text:
            assert words in text, text
            assert addresses.shorten(token.mint) in text or token.mint in text, text
        for button in (button for row in screen.keyboard for button in row):
            if symbol[:4] in button.label:
                assert symbol in text, (button.label, text)
                assert "⚠" in button.label or words == texts.TOKEN_UNVERIFIED, button.label
