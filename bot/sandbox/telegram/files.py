"""Files that the bot sent, in memory; pictures are looked at just enough to describe them."""

import hashlib
import struct
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.params import Params, Upload

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
    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def receive(self, params: Params, field_name: str, *, photo: bool) -> File:
        """The file of a send call: uploaded now, or known by its id. Telegram would fetch URLs; we do not."""
        upload = params.upload(field_name)
        if upload is not None:
            return self._store(upload, photo=photo)
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

    def restore(self, file: File) -> None:
        self._files[file.id] = file

    def _store(self, upload: Upload, *, photo: bool) -> File:
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
