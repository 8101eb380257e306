"""Lists of content: columns, filters, search, and export that no spreadsheet runs."""

from typing import Any

import django_filters
from django import forms
from django.db.models import CharField, Count, Exists, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, UpdatedAtColumn
from wagtail.admin.widgets.button import Button
from wagtail.models import Revision, WorkflowState
from wagtail.search.backends import get_search_backend
from wagtail.snippets.views.snippets import IndexView

from cms.models import Audience
from cms.models.base import ContentItem
from cms.rules import item_model
from domain.access.choices import Role

from .importing.escaping import escape
from .importing.viewset import ImportableList
from .languages import ContentLocaleColumn


def harmless(value: Any) -> Any:
    """A cell's value that no spreadsheet takes for a formula."""
    return escape(value) if isinstance(value, str) else value


class SafeExport:
    """For list views with Wagtail's export: text that looks like a formula gets an apostrophe."""

    def preprocess_field_value(self, field, value, export_format):
        return harmless(super().preprocess_field_value(field, value, export_format))  # type: ignore[misc]


def status_of(item: ContentItem) -> str:
    """The state in a word or two; takes `is_scheduled` and `in_review` from `with_states`."""
    if item.in_review:
        return gettext("Live, new draft in review") if item.live else gettext("In review")
    if item.is_scheduled:
        return gettext("Live, new draft scheduled") if item.live else gettext("Scheduled")
    if item.live:
        return gettext("Live, with a newer draft") if item.has_unpublished_changes else gettext("Live")
    return gettext("Expired") if item.expired else gettext("Draft")


def with_states(queryset):
    """Annotate whether each item is scheduled and in review, without a query per row."""
    model = queryset.model
    content_type = model.get_base_content_type()
    of_this = {"base_content_type": content_type, "object_id": Cast(OuterRef("pk"), CharField())}
    return queryset.annotate(
        is_scheduled=Exists(Revision.objects.filter(**of_this, approved_go_live_at__isnull=False)),
        in_review=Exists(
            WorkflowState.objects.filter(
                **of_this,
                status__in=[WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES],
            )
        ),
    )


def audience_of(item: ContentItem) -> str:
    if item.audience != Audience.ROLES:
        return item.get_audience_display()
    return ", ".join(str(Role(role).label) for role in item.audience_roles)


class StateFilter(django_filters.ChoiceFilter):
    """By what a reader sees, and by what waits."""

    STATES = [
        ("live", _("Live")),
        ("draft", _("Not live")),
        ("changed", _("Live, with a newer draft")),
        ("scheduled", _("Scheduled")),
        ("review", _("In review")),
    ]
    CONDITIONS: dict[str, dict[str, bool]] = {
        "live": {"live": True},
        "draft": {"live": False},
        "changed": {"live": True, "has_unpublished_changes": True},
        "scheduled": {"is_scheduled": True},
        "review": {"in_review": True},
    }

    def __init__(self, **kwargs):
        super().__init__(
            label=_("Status"), choices=self.STATES, empty_label=_("All"), widget=forms.RadioSelect, **kwargs
        )

    def filter(self, qs, value):
        return qs.filter(**self.CONDITIONS[value]) if value else qs


class CategoryChoiceField(django_filters.fields.ModelChoiceField):
    def label_from_instance(self, obj):
        return f"{obj} ({obj.locale.get_display_name()})"


class CategoryFilter(django_filters.ModelChoiceFilter):
    field_class = CategoryChoiceField


class ContentFilterSet(WagtailFilterSet):
    """Category, audience, status; Wagtail adds the language."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # With a language chosen, only its categories.
        name = self._meta.model.category_field
        locale = self.data.get("locale") if self.data else None
        queryset = self._meta.model._meta.get_field(name).related_model.objects.select_related("locale")
        if locale:
            queryset = queryset.filter(locale__language_code=locale)
        self.filters[name].queryset = queryset.order_by("locale_id", "sort_order", "name")


def content_filterset(model: type[ContentItem], **extra) -> type[ContentFilterSet]:
    """The filter set of one kind of content."""
    group: Any = model._meta.get_field(model.category_field)
    filters = {
        group.name: CategoryFilter(
            field_name=group.name,
            label=format_lazy("{}", group.verbose_name),
            queryset=group.related_model._default_manager.none(),
            empty_label=_("All"),
        ),
        "audience": django_filters.ChoiceFilter(
            label=_("Audience"), choices=Audience.choices, empty_label=_("All"), widget=forms.RadioSelect
        ),
        **extra,
        "status": StateFilter(),
    }
    meta = type("Meta", (), {"model": model, "fields": list(filters)})
    return type(f"{model.__name__}FilterSet", (ContentFilterSet,), {**filters, "Meta": meta})


def content_columns(group_label, *more: Column) -> list:
    """The columns every kind of content has."""
    return [
        "__str__",
        Column("group", label=group_label, accessor=lambda item: item.group.name, sort_key="_group_name"),
        *more,
        Column("audience", label=_("Audience"), accessor=audience_of, sort_key="audience"),
        ContentLocaleColumn(label=_("Language")),
        UpdatedAtColumn(label=_("Updated")),
        StatusTagColumn(
            "status", label=_("Status"), accessor=status_of, sort_key="live", primary=lambda item: item.live
        ),
    ]


class OrderButton:
    """For list views: a button to the page on which the order is changed."""

    order_url_name = ""
    order_permission = "publish"
    request: Any
    user_has_permission: Any

    @cached_property
    def reorder_button(self):
        if not self.user_has_permission(self.order_permission):
            return None
        url = reverse(self.order_url_name)
        if locale := self.request.GET.get("locale"):
            url = f"{url}?locale={locale}"
        return Button(gettext("Change the order"), url=url, icon_name="list-ul", priority=50)


class ContentIndexView(ImportableList, SafeExport, OrderButton, IndexView):
    """A list of content in the order readers see: by language, category and place."""

    order_permission = "publish"
    # What else of each item the columns show.
    related: tuple[str, ...] = ()

    def get_base_queryset(self):
        field = self.model.category_field
        return with_states(
            super().get_base_queryset().select_related("locale", field, "latest_revision", *self.related)
        ).order_by("locale_id", f"{field}__sort_order", f"{field}_id", "sort_order", "pk")

    def get_valid_orderings(self):
        return [*super().get_valid_orderings(), "_group_name", "-_group_name"]

    def order_queryset(self, queryset):
        if self.ordering in {"_group_name", "-_group_name"}:
            name = f"{self.model.category_field}__name"
            return self._annotate_queryset_updated_at(queryset).order_by(
                name if self.ordering == "_group_name" else f"-{name}", "sort_order", "pk"
            )
        return super().order_queryset(queryset)

    def search_queryset(self, queryset):
        # The index finds; the filtered queryset stays one, with its order, annotations and filters.
        if not self.is_searching:
            return queryset
        found = get_search_backend(self.search_backend_name).autocomplete(
            self.search_query, self.model._default_manager.all()
        )
        return queryset.filter(pk__in=[item.pk for item in found])


class CategoryIndexView(SafeExport, OrderButton, IndexView):
    """A list of categories, in their order."""

    order_permission = "change"

    def get_base_queryset(self):
        items = item_model(self.model)
        category: Any = items._meta.get_field(items.category_field)
        items_name = category.related_query_name()
        return (
            super()
            .get_base_queryset()
            .select_related("locale")
            .annotate(item_count=Count(items_name))
            .order_by("locale_id", "sort_order", "name")
        )
