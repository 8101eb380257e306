"""What the organisation that is selected has decided, each at most one query per request."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, Value, When
from django.db.models.functions import Concat

from tenants.db import connection
from tenants.models import LANGUAGE_CODES, Organization

from . import memory
from .choices import PLATFORM_ONLY_AREAS, Area
from .models import FeatureArea, OrganizationSettings


def enabled_areas() -> frozenset[str]:
    """Keys of the areas in use. An area that has no row yet counts as it would in a new organisation."""
    return memory.once("areas", _read_areas)


def is_enabled(area: str) -> bool:
    return area in enabled_areas()


def switched_areas() -> ArraySubquery:
    """What is switched, to go along with a query that each request makes: "+contacts", "-activities"."""
    sign = Case(When(enabled=True, then=Value("+")), default=Value("-"))
    return ArraySubquery(FeatureArea.objects.order_by().values_list(Concat(sign, F("area"))))


def keep_areas(switched: Iterable[str]) -> None:
    """Take what `switched_areas` found for the rest of this request."""
    memory.keep("areas", _in_use({area[1:]: area[0] == "+" for area in switched}))


def _read_areas() -> frozenset[str]:
    return _in_use(dict(FeatureArea.objects.values_list("area", "enabled")))


def _in_use(switched: Mapping[str, bool]) -> frozenset[str]:
    is_platform = connection.schema_name == settings.PLATFORM_SCHEMA
    return frozenset(
        area.value
        for area in Area
        if switched.get(area.value, is_platform or area not in PLATFORM_ONLY_AREAS)
    )


def current_settings() -> OrganizationSettings:
    """The organisation's one row of settings."""
    return memory.once("settings", lambda: OrganizationSettings.objects.get(singleton=True))


def locales_in_use() -> tuple[str, ...]:
    """Languages content can be written in, in the platform's order."""
    chosen = set(current_settings().locales)
    return tuple(code for code, _label in LANGUAGE_CODES if code in chosen)


def current_organization() -> Organization:
    """The organisation that is selected, read now (`request.tenant` may be some seconds old)."""
    return Organization.objects.get(schema_name=connection.schema_name)
