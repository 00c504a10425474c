"""Which links Telegram takes. Local addresses are refused, as there."""

import ipaddress
import re
from urllib import parse

from bot.sandbox.telegram import refusals

_SCHEMES = frozenset({"http", "https", "tg", "ton", "tonsite"})
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def check(url: str) -> str | None:
    """The link as Telegram stores it, or None if it is none."""
    try:
        return require(url)
    except ValueError:
        return None


def require(url: str) -> str:
    """The link as Telegram stores it. Raises ValueError with Telegram's reason."""
    if not url:
        raise ValueError("URL host is empty")
    full = url if "://" in url or url.startswith("tg:") else f"http://{url}"
    try:
        split = parse.urlsplit(full)
        host, _ = split.hostname, split.port
    except ValueError:
        raise ValueError("Wrong HTTP URL") from None
    if split.scheme not in _SCHEMES:
        raise ValueError("Unsupported URL protocol")
    if split.scheme not in {"http", "https"}:
        return full
    if not host or not _is_public_name(host) or re.search(r"\s", full):
        raise ValueError("Wrong HTTP URL")
    if not split.path and not split.query and not split.fragment:
        return f"{full}/"
    return full


def require_button(url: str) -> str:
    """As `require`, refused in the words for a button."""
    try:
        return require(url)
    except ValueError as reason:
        raise refusals.bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}") from None


def require_entity(url: str) -> str:
    """As `require`, refused in the words for an entity."""
    try:
        return require(url)
    except ValueError as reason:
        raise refusals.bad_request(f"entity URL '{url}' is invalid: {reason}") from None


def _is_public_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(_HOST.fullmatch(host.encode("idna").decode().lower() if not host.isascii() else host))
    return True
