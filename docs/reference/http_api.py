"""The reference of the API, from the document that the service itself gives to programs."""

from __future__ import annotations

from typing import Any

from tests.web.api.place import the_document

from .markdown import code, head, plain, table


def page() -> str:
    """Every operation with what it takes and answers, and every shape."""
    document = the_document()
    shapes = document["components"]["schemas"]
    intro = (
        "[The API](../api.md) explains tokens, pages and errors.",
        "The same as OpenAPI, for programs: `/api/v1/openapi.json`.",
    )
    parts = [head("Operations of the API", *intro)]
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method, operation in item.items():
            if method != "parameters":
                parts.append(_operation(document, method, path, operation, shared))
    parts += ["## Shapes\n", *(_shape(name, shape) for name, shape in sorted(shapes.items()))]
    return "\n".join(parts)


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any], shared: list[Any]) -> str:
    (scope,) = operation["security"][0]["token"]
    lines = [f"## {method.upper()} {path}\n", plain(operation["summary"])]
    if operation.get("description"):
        lines.append(plain(operation["description"]))
    lines += [f"Needs the scope `{scope}`.", ""]
    parameters = [_resolved(document, each) for each in (*shared, *operation.get("parameters", []))]
    if parameters:
        rows = [
            [code(each["name"]), each["in"], _type(each["schema"]), plain(each.get("description", ""))]
            for each in parameters
        ]
        lines.append(table(["parameter", "in", "type", "means"], rows))
    if "requestBody" in operation:
        lines.append(f"Takes {_type(operation['requestBody']['content']['application/json']['schema'])}.\n")
    answers = {status: _resolved(document, answer) for status, answer in operation["responses"].items()}
    good = [f"{status} {_content(answer)}".strip() for status, answer in answers.items() if status < "400"]
    bad = [status for status in answers if status >= "400"]
    lines.append(f"Answers {', '.join(good)}; [errors](../api.md#errors) are {', '.join(bad)}.\n")
    return "\n".join(lines)


def _resolved(document: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    found: Any = document
    for name in thing.get("$ref", "").split("/")[1:]:
        found = found[name]
    return found if "$ref" in thing else thing


def _content(answer: dict[str, Any]) -> str:
    content = answer.get("content", {})
    return ", ".join(_type(each["schema"]) for each in content.values())


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for joined in ("allOf", "anyOf", "oneOf"):
        if joined in schema:
            return " or ".join(_type(each) for each in schema[joined])
    if "enum" in schema:
        return ", ".join(code("null" if word is None else str(word)) for word in schema["enum"])
    kinds = schema.get("type", "any")
    shown = " or ".join(kinds if isinstance(kinds, list) else [kinds])
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    return shown


def _shape(name: str, shape: dict[str, Any]) -> str:
    needed = set(shape.get("required", []))
    rows = [
        [code(member), _type(told), "yes" if member in needed else "", plain(told.get("description", ""))]
        for member, told in shape.get("properties", {}).items()
    ]
    about = [plain(shape["description"]) + "\n"] if shape.get("description") else []
    return "\n".join([f"### {name}\n", *about, table(["member", "type", "always", "means"], rows)])
