"""The least that a request to an endpoint must say, from the API's own description."""

from typing import Any

JSON = dict[str, Any]
FORMATS = {"uuid": "7b0c8f5e-0f0e-4a57-9d0a-3d2f9c1b6e11", "date": "2026-11-20", "date-time": "2026-11-20T12:00:00Z"}


def bodies(described: JSON) -> dict[str, JSON | None]:
    """A body for each endpoint ("POST /path") of an OpenAPI document; None where it takes none."""
    found: dict[str, JSON | None] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            found[f"{method.upper()} {path}"] = value(content["schema"], described) if content else None
    return found


def value(schema: JSON, described: JSON) -> Any:
    """The least value that a schema allows: what is required, no more."""
    if "$ref" in schema:
        return value(described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], described)
    if choice := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return value(choice[0], described)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if schema.get("type") == "object":
        return {name: value(schema["properties"][name], described) for name in schema.get("required", ())}
    return plain(schema)


def plain(schema: JSON) -> Any:
    """The least value of a schema that has no parts."""
    least = {"integer": 1, "number": 1, "boolean": True, "array": [], "null": None}
    text = FORMATS.get(schema.get("format", ""), "x" * max(12, schema.get("minLength", 1)))
    return least.get(schema.get("type", "string"), text)
