"""The chat page and its assets: plain files, no other origin."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

_WEB = Path(__file__).parent.parent / "web"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes() -> list[BaseRoute]:
    return [
        Route("/", _index),
        Route("/web/{name}", _asset),
    ]


async def _index(request: Request) -> Response:
    return FileResponse(_WEB / "index.html", media_type="text/html", headers=_HEADERS)


async def _asset(request: Request) -> Response:
    path = _WEB / request.path_params["name"]
    if path.parent != _WEB or path.suffix not in _TYPES or not path.is_file():
        return Response("no such file", 404)
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=_HEADERS)
