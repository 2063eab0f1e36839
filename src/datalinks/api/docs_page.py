"""The OpenAPI document as one page for people: no script, no other host."""

import re
from html import escape
from typing import Any

import msgspec

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h2 { margin-top: 3rem; border-bottom: 1px solid #8886; }
details { border: 1px solid #8886; border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
code, th { font-family: ui-monospace, monospace; font-size: .9em; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; font-weight: normal; }
th { white-space: nowrap; }
summary span.about { display: block; margin-left: 1rem; }
.method { display: inline-block; min-width: 4.5em; font-weight: bold; }
"""


def docs_page(document: bytes) -> str:
    """The page of an OpenAPI document given as JSON."""
    api = msgspec.json.decode(document)
    tags = [tag["name"] for tag in api["tags"]]
    links = " · ".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in [*tags, "Schemas"])
    chapters = "".join(_chapter(api, tag) for tag in tags)
    schemas = "".join(_schema(name, schema) for name, schema in api["components"]["schemas"].items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Datalinks API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
        f"<h1>Datalinks API {escape(api['info']['version'])}</h1><p>{_text(api['info']['description'])}</p>"
        f'<p>The same as data: <a href="openapi.json">openapi.json</a>.</p><nav>{links}</nav>'
        f'{chapters}<h2 id="Schemas">Schemas</h2>{schemas}</main></body></html>'
    )


def _chapter(api: dict[str, Any], tag: str) -> str:
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
        if tag in operation["tags"]
    )
    return f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{operations}'


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    body = _content(operation.get("requestBody", {}))
    success = next((code, answer) for code, answer in operation["responses"].items() if code.startswith("2"))
    rows = [(each["name"], f"{each['in']} {_kind(each['schema'])}{_about(each)}") for each in operation["parameters"]]
    rows += [("body", body)] if body else []
    rows += [(success[0], _content(success[1]) or "no body")]
    return (
        f'<details><summary><span class="method">{method.upper()}</span> <code>{escape(path)}</code> '
        f'<span class="about">{_text(operation["summary"])}</span></summary>'
        f"<p>{_text(operation.get('description', ''))}</p>{_table(rows)}</details>"
    )


def _content(described: dict[str, Any]) -> str:
    """What a body is in a few words of HTML: the kind of its JSON, or the types a file may have; empty for no body."""
    content = described.get("content", {})
    if "application/json" in content:
        return _kind(content["application/json"]["schema"])
    return " or ".join(f"file of type <code>{escape(media_type)}</code>" for media_type in content)


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (f"{field}{'' if field in required else '?'}", _kind(kind) + _about(kind))
        for field, kind in schema.get("properties", {}).items()
    ]
    rows = rows or [("values", _kind(schema))]
    about = _text(schema.get("description", ""))
    return f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary><p>{about}</p>{_table(rows)}</details>'


def _table(rows: list[tuple[str, str]]) -> str:
    """A table of names and of HTML that says what they are."""
    return (
        "<table>"
        + "".join(f'<tr><th scope="row">{escape(name)}</th><td>{kind}</td></tr>' for name, kind in rows)
        + "</table>"
    )


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words of HTML."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{escape(name)}"><code>{escape(name)}</code></a>'
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(str(schema.get("type", "anything")))


def _about(described: dict[str, Any]) -> str:
    """What a parameter or a field is for, behind its kind."""
    return f" — {_text(described['description'])}" if "description" in described else ""


def _text(markdown: str) -> str:
    """Prose of the document as HTML; code is the only Markdown in it."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(markdown))
