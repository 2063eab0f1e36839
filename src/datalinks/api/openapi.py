"""The OpenAPI 3.1 document, made from the route table and the types that serve its requests."""

import inspect
import re
import types
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any, Union, get_args, get_origin

import msgspec

from datalinks.api.answers import Answer, Download
from datalinks.api.endpoint import SELECTOR_PARAMETERS, Endpoint
from datalinks.api.errors import STATUSES, ErrorEnvelope
from datalinks.api.idempotency import KEY_PATTERN, MAX_KEY_LENGTH
from datalinks.api.session_cookies import COOKIE
from datalinks.model.app_event import MAX_EVENTS

_CODE = re.compile(r"``([^`]+)``")
_FIELD_NOTE = re.compile(r"(\w+(?:, \w+)*): (.+)")
_REFERENCE = "#/components/schemas/{name}"
_DESCRIPTION = """\
Datalinks keeps relations between records in a product and the matching records in the external apps that its customers
connect. Every request but those under Operations carries `Authorization: Bearer <jwt>`, a token signed with the
workspace's secret or a registered key; requests of the console carry the cookie of its session instead. Unknown parameters and properties are ignored."""

Schema = dict[str, Any]
_WITHOUT_BODY = ("GET", "OPTIONS")
_ANYTHING: Schema = {"*/*": {}}
_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": KEY_PATTERN},
    "description": "Any text of your own, a new one for each thing to be done. For 24 hours the same request under the same "
    "key is not done again: it is answered as it was, with the header `idempotent-replayed: true`. Another request under the "
    "key is answered 422, one that is still under way 409. Errors are not kept.",
}

_CONSOLE_HEADER: Schema = {
    "name": "X-Datalinks-Console",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "enum": ["1"]},
    "description": "What a page of another site cannot send.",
}
_SECURITY_SCHEMES: Schema = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The cookie that `POST /console/session` sets. It counts where there is no header `Authorization` and the "
        "request has the header `X-Datalinks-Console: 1` or is a GET or HEAD with `Sec-Fetch-Site: same-origin`; never for "
        "requests of another site.",
    },
}
_EVENTS: Schema = {
    "description": "An event, or up to 1,000 events.",
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "anyOf": [
                    {"type": "object"},
                    {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": MAX_EVENTS},
                ]
            }
        }
    },
}
_FORWARDED: Schema = {
    "description": "What the app answers with another status, or the error envelope if it could not be asked.",
    "content": _ANYTHING,
}


def openapi_json(table: Iterable[Endpoint], prefix: str = "") -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(openapi(table, prefix))


def openapi(table: Iterable[Endpoint], prefix: str = "") -> Schema:
    """The document of a route table; ``prefix`` is the path in front of every route."""
    endpoints = list(table)
    schemas = _Schemas(endpoints)
    paths: Schema = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Datalinks",
            "version": version("datalinks"),
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": prefix or "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": _SECURITY_SCHEMES,
            "responses": {"Error": _json_response("What was wrong, where, and what to do.", schemas.of(ErrorEnvelope))},
        },
    }


class _Schemas:
    """The JSON schemas of every type that endpoints read or write."""

    def __init__(self, endpoints: list[Endpoint]) -> None:
        kinds: dict[Any, None] = {ErrorEnvelope: None}
        for endpoint in endpoints:
            kinds.update(dict.fromkeys(endpoint.query_parameters.values()))
            kinds.update(dict.fromkeys(_alternatives(endpoint.parameters.get("body"))))
            kinds.update(dict.fromkeys(_alternatives(endpoint.returns)))
        found, self.components = msgspec.json.schema_components(list(kinds), ref_template=_REFERENCE)
        self._found = dict(zip(kinds, found, strict=True))
        for kind in kinds:
            self._describe(kind)
        # A query is no object of its own in the document, so its schema is kept here instead.
        queries = {kind for endpoint in endpoints for kind in endpoint.query_parameters.values()}
        self._queries = {kind: self.components.pop(kind.__name__) for kind in queries}

    def _describe(self, kind: Any) -> None:
        """Say in a struct's schema, and in those of its fields, what docstrings say of each field."""
        for struct in _structs(kind):
            component = self.components[struct.__name__]
            component["description"] = _markdown((inspect.getdoc(struct) or "").partition("\n\n")[0])
            for name, note in _field_notes(struct).items():
                component["properties"][name].setdefault("description", note)

    def of(self, kind: Any) -> Schema:
        """The schema of a type; of several alternatives, any of them."""
        found = [self._found[each] for each in _alternatives(kind)]
        return found[0] if len(found) == 1 else {"anyOf": found}

    def properties(self, kind: Any) -> tuple[Schema, list[str]]:
        """The properties of a query's struct, and the names of those that are required."""
        return self._queries[kind]["properties"], self._queries[kind].get("required", [])


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if kind in (None, types.NoneType, Download, Answer):
        return ()
    if get_origin(kind) not in (Union, types.UnionType):
        return (kind,)
    # An answer that is sent as it is looks like one of the others.
    return tuple(each for each in get_args(kind) if each is not Answer)


def _structs(kind: Any) -> Iterator[Any]:
    """The structs that a type is made of, each once, from the outside in."""
    waiting, seen = [kind], set[Any]()
    while waiting:
        each = waiting.pop()
        if get_args(each):
            waiting += get_args(each)
        elif isinstance(each, type) and issubclass(each, msgspec.Struct) and each not in seen:
            seen.add(each)
            yield each
            waiting += [field.type for field in msgspec.structs.fields(each)]


def _field_notes(struct: Any) -> dict[str, str]:
    """What the docstrings of a struct and its bases say of fields, by wire name: lines like ``limit, cursor: the page``."""
    wire_names = {field.name: field.encode_name for field in msgspec.structs.fields(struct)}
    notes: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        names: list[str] = []
        for line in inspect.cleandoc(base.__dict__.get("__doc__") or "").splitlines():
            begins = _FIELD_NOTE.match(line)
            if begins and all(name in wire_names for name in begins[1].split(", ")):
                names = [wire_names[name] for name in begins[1].split(", ")]
                notes.update(dict.fromkeys(names, _markdown(begins[2])))
            elif line:
                notes.update({name: f"{notes[name]} {_markdown(line)}" for name in names})
            else:
                names = []
    return notes


def _markdown(text: str) -> str:
    """Docstring text in the Markdown of OpenAPI, with fields called as they are in JSON."""
    return _CODE.sub(lambda code: f"`{_wire_name(code[1])}`", text)


def _wire_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _operation(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    summary, _, rest = _markdown(inspect.getdoc(endpoint.handler) or "").partition("\n\n")
    operation: Schema = {
        "operationId": _operation_id(endpoint),
        "tags": [endpoint.tag],
        "summary": summary,
        "parameters": _parameters(endpoint, schemas),
        "responses": _responses(endpoint, schemas),
        "security": [] if endpoint.is_open else [{"token": []}, {"session": []}],
    }
    if rest:
        operation["description"] = rest
    if "body" in endpoint.parameters:
        content = {"application/json": {"schema": schemas.of(endpoint.parameters["body"])}}
        operation["requestBody"] = {"required": True, "content": content}
    elif "upload" in endpoint.parameters:
        operation["requestBody"] = _file("The file, of any length.", endpoint)
    elif "delivery" in endpoint.parameters and endpoint.method not in _WITHOUT_BODY:
        operation["requestBody"] = _EVENTS
    elif endpoint.is_forwarded and endpoint.method not in _WITHOUT_BODY:
        operation["requestBody"] = {"required": False, "description": "What the app is sent.", "content": _ANYTHING}
    return operation


def _operation_id(endpoint: Endpoint) -> str:
    """The handler's name; with the path where one handler serves several."""
    path = "".join(letter if letter.isalnum() else "_" for letter in endpoint.path).strip("_")
    return f"{endpoint.handler.__name__}__{endpoint.method.lower()}_{path}"


def _parameters(endpoint: Endpoint, schemas: _Schemas) -> list[Schema]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in endpoint.path_parameters
    ]
    if endpoint.selects_by_query:
        parameters += [_query_parameter(name, {"type": "string"}) for name in SELECTOR_PARAMETERS]
    for kind in endpoint.query_parameters.values():
        properties, required = schemas.properties(kind)
        parameters += [_query_parameter(name, schema, name in required) for name, schema in properties.items()]
    if endpoint.takes_idempotency_key or "delivery" in endpoint.parameters:
        parameters.append(_IDEMPOTENCY_KEY)
    if endpoint.is_sign_in:
        parameters.append(_CONSOLE_HEADER)
    # Two structs of one query may share a name, e.g. "id"; it is one parameter.
    return list({(each["in"], each["name"]): each for each in parameters}.values())


def _query_parameter(name: str, schema: Schema, required: bool = False) -> Schema:
    """A query parameter. Values that are not given are left out, so null is no value of it."""
    description = schema.get("description")
    schema = {key: value for key, value in schema.items() if key not in ("default", "description")}
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option != {"type": "null"}]
        schema = options[0] if len(options) == 1 else {"anyOf": options}
        description = description or schema.pop("description", None)
    parameter: Schema = {"name": name, "in": "query", "required": required, "schema": schema}
    return parameter if description is None else {**parameter, "description": description}


def _responses(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    if endpoint.is_forwarded:
        # An error of ours has the envelope; anything else is the app's.
        return {"2XX": {"description": "What the app answers.", "content": _ANYTHING}, "default": _FORWARDED}
    responses: Schema = {str(endpoint.status): _success(endpoint, schemas)}
    for status in sorted(set(STATUSES.values())):
        responses[str(status)] = {"$ref": "#/components/responses/Error"}
    return responses


def _success(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    if endpoint.returns is Download:
        return _file("The file, sent while it is made; if the connection breaks off, it is not whole.", endpoint)
    if not _alternatives(endpoint.returns):
        return {"description": "Done; the answer has no body."}
    return _json_response("Done.", schemas.of(endpoint.returns))


def _file(description: str, endpoint: Endpoint) -> Schema:
    """The content of an upload or a download."""
    binary: Schema = {"schema": {"type": "string", "format": "binary"}}
    return {"description": description, "content": dict.fromkeys(endpoint.media_types, binary)}


def _json_response(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
