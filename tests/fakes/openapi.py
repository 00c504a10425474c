"""Holding requests and answers against a vendor's OpenAPI file, mended by its overlay where there is one."""

import copy
import json
from pathlib import Path
from typing import Any

import yaml
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_schema_validator import OAS30Validator
from werkzeug.datastructures import Headers, ImmutableMultiDict

FOLDER = Path(__file__).resolve().parents[1] / "data" / "openapi"

Document = dict[str, Any]


def load(name: str) -> Document:
    """The vendor's file as it stands."""
    document: Document = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return document


def load_mends(name: str) -> list[dict[str, Any]]:
    mends: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{name}.overlay.yaml").read_text())
    return mends


def mend(document: Document, mends: list[dict[str, Any]]) -> Document:
    """A copy with these mends; fails if the place to mend is not there any more."""
    mended = copy.deepcopy(document)
    for one in mends:
        place = mended
        for key in one["at"]:
            place = place[key]
        for old, new in one.get("rename", {}).items():
            place[new] = place.pop(old)
        for key, value in one.get("set", {}).items():
            if value is None:
                del place[key]
            else:
                place[key] = value
    return mended


class Specification:
    """Raises an openapi_core error for a request or an answer that the document does not allow."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._openapi = OpenAPI.from_dict(document)
        self._server = document["servers"][0]["url"]

    def check_request(self, method: str, path: str, query: dict[str, str], body: object = None) -> None:
        self._openapi.validate_request(_Request(self._server, method, path, query, body))

    def check_answer(self, method: str, path: str, body: object, status: int = 200) -> None:
        self._openapi.validate_response(
            _Request(self._server, method, path, {}, None), _Response(status, body)
        )

    def problems_of(self, schema: str, value: object) -> list[str]:
        """What a named schema has against a value."""
        reference = {"$ref": f"#/components/schemas/{schema}", "components": self.document["components"]}
        return [error.message for error in OAS30Validator(reference).iter_errors(value)]

    def example_answer(self, method: str, path: str) -> Any:
        answer = self.document["paths"][path][method]["responses"]["200"]
        return answer["content"]["application/json"]["example"]


class _Request:
    def __init__(self, server: str, method: str, path: str, query: dict[str, str], body: object) -> None:
        scheme, _, rest = server.partition("://")
        host, _, root = rest.partition("/")
        self.host_url = f"{scheme}://{host}"
        self.path = (f"/{root}" if root else "") + path
        self.method = method
        self.content_type = "application/json"
        self.body = None if body is None else json.dumps(body).encode()
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query), header=Headers({"x-api-key": "a-key"})
        )


class _Response:
    def __init__(self, status: int, body: object) -> None:
        self.status_code = status
        self.content_type = "application/json"
        self.headers = Headers()
        self.data = json.dumps(body, default=float).encode()
