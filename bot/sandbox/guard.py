"""Only programs and pages on this machine are served: strange hosts and other sites' pages are refused.

The Host header stops names that a stranger pointed at 127.0.0.1; the Origin header stops pages of other
sites. What changes anything under /sandbox must be JSON, which a form of another site cannot send.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class LocalOnly:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = _problem(scope) if scope["type"] == "http" else None
        if problem is None:
            await self._app(scope, receive, send)
        else:
            status, words = problem
            await JSONResponse({"error": words}, status)(scope, receive, send)


def _problem(scope: Scope) -> tuple[int, str] | None:
    headers = Headers(scope=scope)
    host = urlsplit(f"//{headers.get('host', '')}")
    if host.hostname not in _LOCAL:
        return 403, "this server answers only as 127.0.0.1 or localhost"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host.netloc:
        return 403, "requests of other sites are refused"
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    changes = scope["method"] not in {"GET", "HEAD"} and scope["path"].startswith("/sandbox")
    if changes and content_type != "application/json":
        return 415, "the content type must be application/json"
    return None
