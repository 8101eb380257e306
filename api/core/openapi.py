"""The OpenAPI document: generated once per process from the views, the same for every organisation."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

VERSIONS = ("3.1.0", "3.0.3")


@cache
def document(version: str = "3.1.0") -> dict[str, Any]:
    """The document in OpenAPI 3.1, or in 3.0 for generators that don't read 3.1 yet."""
    if version not in VERSIONS:
        raise ValueError(version)
    with translation.override("en"), patched_settings({"OAS_VERSION": version}):
        return SchemaGenerator().get_schema(request=None, public=True)


def as_yaml(schema: dict[str, Any]) -> str:
    """As it is committed: stable order, readable diffs."""
    return yaml.dump(_plain(schema), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def _plain(value: Any) -> Any:
    """Without lazy strings and ordered dictionaries, which YAML would tag."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, bool | int | float | None.__class__) else str(value)


def plain_document(version: str = "3.1.0") -> dict[str, Any]:
    return _plain(document(version))


def committed_path() -> Path:
    """Where the document that clients were promised is kept."""
    return Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


def parsed(text: str | bytes) -> dict[str, Any]:
    """A document as it was written by `as_yaml`. The parser in C takes a tenth of the time."""
    document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return document


def committed() -> dict[str, Any]:
    """The document that clients were promised."""
    return parsed(committed_path().read_text(encoding="utf-8"))
