"""Finding the token that a person means; never a guess when money depends on it."""

from bot import errors, texts
from bot.chat import render
from bot.chat.context import Turn
from bot.domain import addresses, amounts

LONGEST_QUERY = 64


async def find_exact(turn: Turn, text: str) -> amounts.Token:
    """By mint address, or by a symbol that exactly one verified token has.

    Raises UnknownToken with the mints to choose from.
    """
    text = text.strip()
    if addresses.is_address(text):
        return await turn.services.tokens.get(text)
    found = await search(turn, text)
    same = [token for token in found if render.symbol(token).casefold() == text.casefold()]
    verified = [token for token in same if token.verified]
    if len(verified) == 1:
        return verified[0]
    shown = text[:20]
    if not found:
        raise errors.UnknownToken(texts.TOKEN_NOT_KNOWN.format(shown=shown))
    choice = "; ".join(f"{render.symbol(token)} {token.mint}" for token in (verified or same or found)[:3])
    raise errors.UnknownToken(texts.TOKEN_NOT_SURE.format(shown=shown, choice=choice))


async def search(turn: Turn, text: str) -> list[amounts.Token]:
    text = text.strip()
    if not text or len(text) > LONGEST_QUERY:
        raise errors.UnknownToken(texts.TOKEN_ASKED)
    if addresses.is_address(text):
        return [await turn.services.tokens.get(text)]
    return await turn.services.tokens.search(text)
