"""How the Bot API says no, in its own words.

The words are Telegram's (seen in live answers and in the open-source Bot API server): clients match on them,
so they are part of the interface.
"""

from typing import Any


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        answer = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(words: str) -> Refusal:
    return Refusal(400, f"Bad Request: {words}")


def not_modified() -> Refusal:
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message"
    )


def query_too_old() -> Refusal:
    return bad_request("query is too old and response timeout expired or query ID is invalid")


def blocked() -> Refusal:
    return Refusal(403, "Forbidden: bot was blocked by the user")


def kicked() -> Refusal:
    return Refusal(403, "Forbidden: bot was kicked from the group chat")


def too_many_requests(retry_after_s: int) -> Refusal:
    return Refusal(
        429, f"Too Many Requests: retry after {retry_after_s}", parameters={"retry_after": retry_after_s}
    )


def other_poller() -> Refusal:
    return Refusal(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )


def webhook_set_meanwhile() -> Refusal:
    return Refusal(409, "Conflict: terminated by setWebhook request")


def webhook_active() -> Refusal:
    return Refusal(
        409,
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first",
    )


def unauthorized() -> Refusal:
    return Refusal(401, "Unauthorized")


def malformed_token() -> Refusal:
    return Refusal(404, "Not Found")


def unknown_method() -> Refusal:
    return Refusal(404, "Not Found: method not found")


def too_large() -> Refusal:
    return Refusal(413, "Request Entity Too Large")
