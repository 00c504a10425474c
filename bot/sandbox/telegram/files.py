"""Files that the bot sent; pictures are looked at just enough to describe them."""

import base64
import hashlib
import struct
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.store import Store
from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.params import Params, Upload

_SPACE = "telegram files"
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str
    content_type: str
    content: bytes = field(repr=False)
    size: tuple[int, int] | None = None
    """Width and height; None = not a photo."""

    @property
    def path(self) -> str:
        return f"photos/{self.id}.jpg" if self.size else f"documents/{self.id}"

    def describe(self) -> dict[str, Any]:
        """The fields that PhotoSize, Document and File share."""
        return {"file_id": self.id, "file_unique_id": self.id[:16], "file_size": len(self.content)}


class Files:
    """What an earlier process kept in the store is there again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._files: dict[str, File] = {}
        for file_id, kept in store.load(_SPACE).items():
            content, size = base64.b64decode(kept["content"]), kept["size"]
            file = File(file_id, kept["name"], kept["content_type"], content, size and (size[0], size[1]))
            self._files[file_id] = file

    def receive(self, params: Params, field_name: str, *, photo: bool) -> File:
        """The file of a send call: uploaded now, or known by its id. Telegram would fetch URLs; we do not."""
        upload = params.upload(field_name)
        if upload is not None:
            return self._receive(upload, photo=photo)
        given = params.text(field_name)
        if not given:
            raise refusals.bad_request(f"there is no {field_name} in the request")
        known = self._files.get(given)
        if known is None:
            raise refusals.bad_request("wrong file identifier/HTTP URL specified")
        if photo != (known.size is not None):
            raise refusals.bad_request("type of file mismatch")
        return known

    def find(self, file_id: str) -> File | None:
        return self._files.get(file_id)

    def find_by_path(self, path: str) -> File | None:
        return next((file for file in self._files.values() if file.path == path), None)

    def _receive(self, upload: Upload, *, photo: bool) -> File:
        if not upload.content:
            raise refusals.bad_request("file must be non-empty")
        size = image_size(upload.content) if photo else None
        if photo and (size is None or sum(size) > 10_000 or max(size) > 20 * min(size)):
            words = "IMAGE_PROCESS_FAILED" if size is None else "PHOTO_INVALID_DIMENSIONS"
            raise refusals.bad_request(words)
        kind = "image/png" if upload.content.startswith(_PNG) else "image/jpeg"
        digest = hashlib.sha256(upload.content + upload.name.encode()).hexdigest()[:40]
        file_id = f"{'photo' if photo else 'document'}-{digest}"
        file = File(file_id, upload.name, kind if photo else upload.content_type, upload.content, size)
        self._files[file.id] = file
        kept = {
            "name": file.name,
            "content_type": file.content_type,
            "content": base64.b64encode(file.content).decode(),
            "size": file.size,
        }
        self._store.put(_SPACE, file.id, kept)
        return file


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG; None = neither."""
    if content.startswith(_PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return (width, height) if width and height else None
    at = 2 if content.startswith(b"\xff\xd8") else len(content)
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return (width, height) if width and height else None
        at += 2 + length
    return None
