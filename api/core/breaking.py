"""Which differences between two OpenAPI documents break a client that was written against the older.

A client sends what it was promised to be able to send, and reads what it was promised to find. So for
requests the new document may only allow more, for answers it may only say more. Enumerations in answers are
open (clients must stand unknown values), those in requests may only grow.
"""

from collections.abc import Iterator
from typing import Any

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def breaking_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """A sentence per breaking change, in the order of the old document; empty if there is none."""
    return list(_Comparison(old, new).changes())


class _Comparison:
    def __init__(self, old: dict[str, Any], new: dict[str, Any]):
        self.old, self.new = old, new

    def changes(self) -> Iterator[str]:
        for path, old_item in self.old.get("paths", {}).items():
            new_item = self.new.get("paths", {}).get(path)
            if new_item is None:
                yield f"{path}: removed"
                continue
            for method in _METHODS:
                if method not in old_item:
                    continue
                where = f"{method.upper()} {path}"
                if method not in new_item:
                    yield f"{where}: removed"
                else:
                    old, new = _whole(self.old, old_item, method), _whole(self.new, new_item, method)
                    yield from self._operation(old, new, where)

    def _operation(self, old: dict, new: dict, where: str) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{where}: operation id changed from {old.get('operationId')} to {new.get('operationId')}"
        if not _needs_token(old) and _needs_token(new):
            yield f"{where}: now needs a token"
        yield from self._parameters(old, new, where)
        yield from self._request(old.get("requestBody"), new.get("requestBody"), where)
        for code, response in old.get("responses", {}).items():
            if code not in new.get("responses", {}):
                yield f"{where}: answer {code} removed"
                continue
            place, after = f"{where}: answer {code}", _found(self.new, new["responses"][code])
            response = _found(self.old, response)
            for header in response.get("headers", {}):
                if header not in after.get("headers", {}):
                    yield f"{place}: header {header} removed"
            yield from self._contents(response, after, place, answer=True)

    def _parameters(self, old: dict, new: dict, where: str) -> Iterator[str]:
        before = {(p["in"], p["name"]): p for p in old.get("parameters", [])}
        after = {(p["in"], p["name"]): p for p in new.get("parameters", [])}
        for key, parameter in before.items():
            place = f"{where}: {key[0]} parameter {key[1]}"
            if key not in after:
                yield f"{place} removed"
            else:
                if after[key].get("required") and not parameter.get("required"):
                    yield f"{place} became required"
                old_schema, new_schema = parameter.get("schema", {}), after[key].get("schema", {})
                yield from self._schema(old_schema, new_schema, place, answer=False)
        for key, parameter in after.items():
            if key not in before and parameter.get("required"):
                yield f"{where}: new required {key[0]} parameter {key[1]}"

    def _request(self, old: dict | None, new: dict | None, where: str) -> Iterator[str]:
        if old is None:
            if new is not None and new.get("required"):
                yield f"{where}: now needs a body"
            return
        if new is None:
            yield f"{where}: takes no body any more"
            return
        if new.get("required") and not old.get("required"):
            yield f"{where}: body became required"
        yield from self._contents(old, new, f"{where}: body", answer=False)

    def _contents(self, old: dict, new: dict, where: str, *, answer: bool) -> Iterator[str]:
        for media_type, content in old.get("content", {}).items():
            if media_type not in new.get("content", {}):
                yield f"{where} as {media_type} removed"
                continue
            new_schema = new["content"][media_type].get("schema", {})
            yield from self._schema(content.get("schema", {}), new_schema, where, answer=answer)

    def _schema(
        self, old: dict, new: dict, where: str, *, answer: bool, seen: frozenset = frozenset()
    ) -> Iterator[str]:
        old, old_names = _resolved(self.old, old)
        new, new_names = _resolved(self.new, new)
        old_types, new_types = _types(self.old, old), _types(self.new, new)
        # What may come in answers may only shrink, what may be sent only grow; no types means any.
        wider, narrower = (old_types, new_types) if answer else (new_types, old_types)
        if wider and (not narrower or not _with_integers(narrower) <= _with_integers(wider)):
            yield f"{where}: type changed from {_listed(old_types)} to {_listed(new_types)}"
            return
        names = (old_names, new_names)
        if names in seen:
            return  # A schema that contains itself; only whether it may be null differs from place to place.
        if any(names):
            seen = seen | {names}
        yield from self._values(old, new, where, answer=answer)
        yield from self._properties(old, new, where, answer=answer, seen=seen)
        for part in ("items", "additionalProperties"):
            before, after = old.get(part), new.get(part)
            if isinstance(before, dict) or isinstance(after, dict):
                # What is not said, or said to be `true`, may be anything.
                before = before if isinstance(before, dict) else {}
                after = after if isinstance(after, dict) else {}
                yield from self._schema(before, after, f"{where}[]", answer=answer, seen=seen)
        # A choice between several schemas: which is which can only be told by their order.
        before, after = _choices(old), _choices(new)
        if len(before) == len(after):
            for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
                yield from self._schema(one, other, f"{where} ({number})", answer=answer, seen=seen)

    def _values(self, old: dict, new: dict, where: str, *, answer: bool) -> Iterator[str]:
        if old.get("format") != new.get("format") and (
            new.get("format") if not answer else old.get("format")
        ):
            yield f"{where}: format changed from {old.get('format')} to {new.get('format')}"
        if answer:
            return
        before, after = old.get("enum"), new.get("enum")
        if after is not None and before is None:
            yield f"{where}: only certain values now"
        elif before is not None and after is not None:
            for value in before:
                if value not in after:
                    yield f"{where}: value {value!r} removed"
        if new.get("pattern") and new["pattern"] != old.get("pattern"):
            yield f"{where}: pattern changed from {old.get('pattern')} to {new['pattern']}"
        for bound, tighter in (("maxLength", min), ("maximum", min), ("maxItems", min)):
            yield from _bound(old, new, bound, tighter, where)
        for bound, tighter in (("minLength", max), ("minimum", max), ("minItems", max)):
            yield from _bound(old, new, bound, tighter, where)

    def _properties(
        self, old: dict, new: dict, where: str, *, answer: bool, seen: frozenset
    ) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        old_required, new_required = set(old.get("required", [])), set(new.get("required", []))
        for name, schema in before.items():
            place = f"{where}.{name}"
            if name not in after:
                yield f"{place} removed"
                continue
            if answer and name in old_required and name not in new_required:
                yield f"{place} may be missing now"
            if not answer and name in new_required and name not in old_required:
                yield f"{place} became required"
            yield from self._schema(schema, after[name], place, answer=answer, seen=seen)
        if not answer:
            # Of what only an answer has, "required" tells of the answer alone (OpenAPI 3.1, 4.8.24.9).
            read_only = {name for name, schema in after.items() if schema.get("readOnly")}
            for name in sorted(new_required - set(before) - read_only):
                yield f"{where}.{name} is new and required"


def _needs_token(operation: dict) -> bool:
    security = operation.get("security")
    return bool(security) and {} not in (security or [])


def _found(document: dict, part: dict) -> dict:
    """The part itself, where the document says only what it is called."""
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = {**found, **{k: v for k, v in part.items() if k != "$ref"}}
    return part


def _whole(document: dict, item: dict, method: str) -> dict:
    """An operation with what the document and the address say for all of theirs."""
    operation = item[method]
    parameters = [
        _found(document, p) for p in (*item.get("parameters", []), *operation.get("parameters", []))
    ]
    body = operation.get("requestBody")
    return {
        **operation,
        "security": operation.get("security", document.get("security")),
        "parameters": parameters,
        "requestBody": body if body is None else _found(document, body),
    }


def _resolved(document: dict, schema: dict) -> tuple[dict, tuple[str, ...]]:
    """The schema itself, and the names it went by.

    References are followed, `allOf` and a `oneOf`/`anyOf` of null and one other are folded into one.
    """
    names: tuple[str, ...] = (schema["$ref"],) if "$ref" in schema else ()
    schema = _found(document, schema)
    parts = list(schema.get("allOf", []))
    schema = {keyword: value for keyword, value in schema.items() if keyword != "allOf"}
    for keyword in ("oneOf", "anyOf"):
        choices = schema.get(keyword, [])
        others = [choice for choice in choices if choice.get("type") != "null"]
        if len(others) == 1:
            del schema[keyword]
            parts += others
            if len(choices) > 1:
                schema["nullable"] = True
        elif others:
            values = [_found(document, choice).get("enum") for choice in others]
            if all(values):
                schema["enum"] = [value for some in values for value in some or []]
    for part in parts:
        inner, more = _resolved(document, part)
        names += more
        for keyword in ("properties", "required"):
            if keyword in inner and keyword in schema:
                one, other = inner[keyword], schema[keyword]
                both = {**one, **other} if keyword == "properties" else [*one, *other]
                schema = {**schema, keyword: both}
        schema = {**inner, **schema}
    return schema, names


def _choices(schema: dict) -> list[dict]:
    return [
        choice
        for keyword in ("oneOf", "anyOf")
        for choice in schema.get(keyword, [])
        if choice.get("type") != "null"
    ]


def _types(document: dict, schema: dict) -> set[str]:
    """The JSON types a value may have; empty means any."""
    given = schema.get("type")
    types = set(given) if isinstance(given, list) else {given} if given else set()
    if not types and schema.get("enum"):
        types = {"null" if value is None else type(value).__name__ for value in schema["enum"]}
    for keyword in ("oneOf", "anyOf"):
        for choice in schema.get(keyword, []):
            types |= _types(document, _resolved(document, choice)[0])
    if types and schema.get("nullable"):
        types.add("null")
    return {
        {"str": "string", "int": "integer", "bool": "boolean", "float": "number"}.get(t, t) for t in types
    }


def _with_integers(types: set[str]) -> set[str]:
    """Every integer is a number (JSON Schema, Validation, section 6.1.1)."""
    return types | {"integer"} if "number" in types else types


def _listed(types: set[str]) -> str:
    return " or ".join(sorted(types)) or "anything"


def _bound(old: dict, new: dict, name: str, tighter: Any, where: str) -> Iterator[str]:
    before, after = old.get(name), new.get(name)
    if after is not None and (before is None or (tighter(before, after) == after and after != before)):
        yield f"{where}: {name} is {after} now"
