"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import hmac
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.telegram import params as parameters
from bot.sandbox.telegram import refusals
from bot.sandbox.telegram.calls import CallLog
from bot.sandbox.telegram.methods import METHODS, NAMES
from bot.sandbox.telegram.world import World

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{10,}")


class BotApi:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self.log = CallLog()

    def routes(self) -> list[BaseRoute]:
        methods = ["GET", "POST"]
        return [
            Route("/bot{token}/{method}", self._serve, methods=methods),
            Route("/bot{token}/{method}/", self._serve, methods=methods),
            Route("/file/bot{token}/{path:path}", self._download),
        ]

    async def _serve(self, request: Request) -> Response:
        try:
            return JSONResponse({"ok": True, "result": await self._call(request)})
        except refusals.Refusal as refusal:
            return JSONResponse(refusal.body(), refusal.code)

    async def _call(self, request: Request) -> Any:
        self._check(request.path_params["token"])
        name = request.path_params["method"].lower()
        method = METHODS.get(name)
        if method is None:
            raise refusals.unknown_method()
        given = await parameters.read(request)
        try:
            result = await method(self._world, given)
        except refusals.Refusal as refusal:
            self.log.record(self._world, NAMES[name], given, None, refusal.description)
            raise
        self.log.record(self._world, NAMES[name], given, result, "")
        return result

    async def _download(self, request: Request) -> Response:
        try:
            self._check(request.path_params["token"])
        except refusals.Refusal as refusal:
            return JSONResponse(refusal.body(), refusal.code)
        file = self._world.files.find_by_path(request.path_params["path"])
        if file is None:
            return JSONResponse(refusals.malformed_token().body(), 404)
        return Response(file.content, media_type="application/octet-stream")

    def _check(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise refusals.malformed_token()
        if not hmac.compare_digest(token, self._token):
            raise refusals.unauthorized()
