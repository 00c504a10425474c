"""What may stand under a message: inline keyboards checked button by button, and ForceReply."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram import links, refusals
from bot.sandbox.telegram.params import Params

Button = dict[str, Any]
Rows = list[list[Button]]

MAX_BUTTONS = 100
MAX_DATA_BYTES = 64
MAX_COPY_TEXT = 256
STYLES = frozenset({"danger", "success", "primary"})


@dataclass(frozen=True, slots=True)
class Markup:
    rows: Rows = field(default_factory=list)
    force_reply: dict[str, Any] | None = None


def read(params: Params, *, inline_only: bool = False) -> Markup:
    """Raises Refusal 400 in Telegram's words. Reply keyboards are accepted and not shown."""
    markup = params.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return Markup()
    if not isinstance(markup, dict):
        raise refusals.bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return Markup(rows=_rows(markup["inline_keyboard"]))
    if inline_only and markup:
        raise refusals.bad_request("inline keyboard expected")
    for name in ("force_reply", "remove_keyboard", "selective"):
        if not isinstance(markup.get(name, False), bool):
            raise refusals.bad_request(f'field "{name}" must be of type Boolean')
    if "keyboard" in markup and not isinstance(markup["keyboard"], list):
        raise refusals.bad_request('field "keyboard" must be of type Array')
    return Markup(force_reply=markup if markup.get("force_reply") else None)


def _rows(given: object) -> Rows:
    if not isinstance(given, list):
        raise refusals.bad_request('field "inline_keyboard" must be of type Array')
    rows = []
    for row in given:
        if not isinstance(row, list):
            raise refusals.bad_request('field "inline_keyboard" must be an Array of Arrays')
        if row:
            rows.append([_button(button) for button in row])
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise refusals.bad_request("REPLY_MARKUP_TOO_LONG")
    return rows


def _button(given: object) -> Button:
    if not isinstance(given, dict):
        raise _broken("Expected an Object")
    if "text" not in given:
        raise _broken('Can\'t find field "text"')
    text = given["text"]
    if not isinstance(text, str):
        raise _broken('Field "text" must be of type String')
    if not text.strip():
        raise refusals.bad_request("inline keyboard button text must be non-empty")
    button: Button = {"text": text} | _action(given)
    style = given.get("style")
    if style is not None:
        if style not in STYLES:
            raise _broken("Invalid button style specified")
        button["style"] = style
    if given.get("icon_custom_emoji_id"):
        button["icon_custom_emoji_id"] = str(given["icon_custom_emoji_id"])
    return button


def _action(given: dict[str, Any]) -> Button:
    if given.get("url"):
        return {"url": links.require_button(str(given["url"]))}
    if given.get("callback_data"):
        data = str(given["callback_data"])
        if len(data.encode()) > MAX_DATA_BYTES:
            raise refusals.bad_request("BUTTON_DATA_INVALID")
        return {"callback_data": data}
    if "copy_text" in given:
        copied = given["copy_text"]
        text = copied.get("text") if isinstance(copied, dict) else None
        if not isinstance(text, str) or not 1 <= len(text) <= MAX_COPY_TEXT:
            raise refusals.bad_request("BUTTON_COPY_TEXT_INVALID")
        return {"copy_text": {"text": text}}
    if any(name in given for name in ("pay", "callback_game")):
        raise refusals.bad_request("BUTTON_TYPE_INVALID")
    raise _broken("Text buttons are unallowed in the inline keyboard")


def _broken(words: str) -> refusals.Refusal:
    return refusals.bad_request(f"can't parse inline keyboard button: {words}")
