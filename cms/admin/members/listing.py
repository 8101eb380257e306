"""What the lists about people have in common: days, and buttons of a row."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button

from cms.admin.scoped import ScopedViewSet


def buttons_for(viewset: ScopedViewSet, row: Any, offered: list[tuple[str, str, str]]) -> list[Button]:
    return [
        Button(
            label, url=reverse(viewset.get_url_name(name), args=[row.pk]), icon_name=icon, priority=40 + at
        )
        for at, (name, label, icon) in enumerate(offered)
    ]


class DayColumn(Column):
    """A day as it stands in a calendar; roles and links may begin or end in the future."""

    def get_value(self, instance):
        value = super().get_value(instance)
        if isinstance(value, datetime):
            value = localtime(value).date()
        return date_format(value, "SHORT_DATE_FORMAT") if value else ""
