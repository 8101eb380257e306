"""Changing the order of content within a category, by dragging or with the keyboard.

Wagtail's own ordering moves rows in one list for the whole model and writes them past version and audit.
"""

from typing import Any

from django.conf import settings
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.mixins import LocaleMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.models import Locale

from cms import rules
from cms.models.base import Category, ContentItem
from domain.core.errors import DomainError, NotAllowed

from .content_listing import status_of, with_states


class OrderView(LocaleMixin, PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """All items of one language, a list per category; each can be moved within its list."""

    template_name = "content/order.html"
    page_title = gettext_lazy("Change the order")
    header_icon = "list-ul"
    model: Any = None
    index_url_name = order_url_name = reorder_url_name = edit_url_name = ""
    permission_required = "publish"

    def get_breadcrumbs_items(self):
        plural = capfirst(self.model._meta.verbose_name_plural)
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": plural},
            {"url": "", "label": self.get_page_title(), "sublabel": plural},
        ]

    def get_translations(self):
        url = reverse(self.order_url_name)
        codes = [code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES]
        others = Locale.objects.filter(language_code__in=codes).exclude(pk=self.locale.pk)
        return [
            {"locale": locale, "url": self._set_locale_query_param(url, locale)}
            for locale in sorted(others, key=lambda locale: codes.index(locale.language_code))
        ]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            sections=self.sections(),
            reorder_url=reverse(self.reorder_url_name, args=["999999"]),
            moved_message=_("“%(label)s” has been moved.") % {"label": "__LABEL__"},
            **kwargs,
        )

    def sections(self) -> list[dict]:
        """One per category with something in it; for categories themselves, a single one."""
        rows = self.model._default_manager.filter(locale=self.locale)
        if issubclass(self.model, Category):
            items = [self._row(row) for row in rows.order_by("sort_order", "pk")]
            heading = capfirst(self.model._meta.verbose_name_plural)
            return [{"heading": heading, "items": items}] if items else []
        field = self.model.category_field
        sections: dict[Any, dict] = {}
        order = (f"{field}__sort_order", f"{field}_id", "sort_order", "pk")
        for row in with_states(rows.select_related(field)).order_by(*order):
            section = sections.setdefault(row.group_id, {"heading": str(row.group), "items": []})
            section["items"].append(self._row(row))
        return list(sections.values())

    def _row(self, row) -> dict:
        return {
            "pk": row.pk,
            "label": str(row),
            "edit_url": reverse(self.edit_url_name, args=[quote(row.pk)]),
            "status": status_of(row) if isinstance(row, ContentItem) else "",
        }


class ReorderView(PermissionCheckedMixin, View):
    """POST ?position=n (from 0, within the category): what the order page sends when something was moved."""

    model: Any = None
    permission_required = "publish"
    http_method_names = ["post"]

    def post(self, request, pk):
        obj = get_object_or_404(self.model, pk=pk)
        try:
            position = int(request.GET.get("position", ""))
        except ValueError:
            return JsonResponse({"success": False, "error": _("The place is missing.")}, status=400)
        try:
            rules.reorder(obj, position, by=request.user)
        except NotAllowed as error:
            raise PermissionDenied from error
        except DomainError as error:
            return JsonResponse({"success": False, "error": str(error)}, status=409)
        return JsonResponse({"success": True})
