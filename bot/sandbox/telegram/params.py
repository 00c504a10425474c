"""The parameters of one call, whichever of the three encodings carried them.

Telegram takes urlencoded and multipart forms (nested values as JSON text) and JSON bodies (nested values as
they are); an empty value is the same as none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette import datastructures
from starlette.requests import Request

from bot.sandbox.telegram import refusals

MAX_FILE_BYTES = 50 * 1024 * 1024
_TRUE = frozenset({"true", "yes", "1"})


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Params:
    values: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str) -> int | None:
        value = self.values.get(name)
        if isinstance(value, int):
            return value
        try:
            return int(str(value).strip())
        except ValueError:
            return None

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in _TRUE

    def json(self, name: str, what: str | None = None) -> Any:
        """The decoded value, or None; `what` names it in the refusal of broken JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return _require_unicode(json.loads(value))
        except ValueError:
            raise refusals.bad_request(f"can't parse {what or name} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """A file sent along: as a part of that name, or as a part that the value points at."""
        value = self.text(name)
        if value.startswith("attach://"):
            return self.files.get(value.removeprefix("attach://"))
        return self.files.get(name)


async def read(request: Request) -> Params:
    """Read the query string and the body. Raises Refusal for bodies that Telegram would not take."""
    values: dict[str, Any] = dict(request.query_params)
    files: dict[str, Upload] = {}
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise refusals.bad_request("can't parse JSON object")
        values.update(body)
    elif content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, datastructures.UploadFile):
                    files[name] = await _read_upload(value)
                else:
                    values[name] = value
    return Params(_require_unicode(values), files)


def _require_unicode(value: Any) -> Any:
    """Refuse lone surrogates, which JSON escapes can smuggle in and no answer could carry out again."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise refusals.bad_request("strings must be encoded in UTF-8") from None
    return value


async def _read_upload(part: datastructures.UploadFile) -> Upload:
    content = await part.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise refusals.too_large()
    return Upload(part.filename or "file", part.content_type or "application/octet-stream", content)
