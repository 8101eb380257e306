"""The viewset that puts the scoped views together."""

from collections.abc import Iterable
from typing import Any, ClassVar

import django_filters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.forms.models import modelform_factory
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms.models import formfield_for_dbfield
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from domain.audit.reading import Seen, note_seen, sensitive
from domain.audit.rules import record
from domain.core.scope import Scope

from . import pages, views
from .access import full_permission, scope_of, scoped, value_at
from .bulk import ScopedBulkAction
from .forms import ScopedFilterSet, ScopedModelForm


class ScopedViewSet(ModelViewSet):
    """See the package's docstring for how to write one."""

    # The chapter path a row belongs to, as a lookup; None: rows belong to the whole organisation.
    path_field: str | None = None
    form_class: type[ScopedModelForm] | None = None
    row_views: ClassVar[dict[str, type[pages.ScopedRowView]]] = {}
    list_views: ClassVar[dict[str, type[pages.ScopedPageView]]] = {}
    bulk_actions: ClassVar[list[type[ScopedBulkAction]]] = []
    history_enabled = True
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    sort_order_field = None
    pk_path_converter = "uuid"
    list_per_page = 50
    index_view_class = views.ScopedIndexView
    add_view_class = views.ScopedCreateView
    edit_view_class = views.ScopedEditView
    inspect_view_class = views.ScopedInspectView
    history_view_class = views.ScopedHistoryView
    delete_view_class = views.ScopedDeleteView
    copy_view_class = views.ScopedCopyView
    list_display: Any = ["__str__", DateColumn("updated_at", label=_("Updated"), sort_key="updated_at")]

    # --- What a viewset says of its own

    def create(self, values: dict[str, Any], *, by: Any) -> Any:
        """Make a row by a rule, and return it. Not overridden: there is no page to add one."""
        raise NotImplementedError

    def change(self, row: Any, values: dict[str, Any], *, by: Any, version: int) -> Any:
        """Change a row by a rule, and return it. Not overridden: there is no page to edit one."""
        raise NotImplementedError

    def delete(self, row: Any, *, by: Any, version: int) -> None:
        """Delete a row by a rule. Not overridden: there is no page to delete one."""
        raise NotImplementedError

    def rows(self, scope: Scope) -> QuerySet:
        """The rows that a scope sees: of every view."""
        return scoped(self.model, scope)

    def for_list(self, rows: QuerySet) -> QuerySet:
        """The rows of the list and its export, with what their columns need."""
        return rows

    def may(self, scope: Scope, verb: str, row: Any = None) -> bool:
        """Whether the scope may do this at all, or where a row belongs."""
        permission = full_permission(self.model, verb)
        if row is None or self.path_field is None:
            return scope.can(permission)
        place = value_at(row, self.path_field)
        # A row that belongs to no chapter is the whole organisation's.
        return scope.can(permission, "" if place is None else place)

    def list_buttons(self, view: Any) -> list:
        """More buttons above the list."""
        return []

    def row_buttons(self, view: Any, row: Any) -> list:
        """More buttons on a row's pages."""
        return []

    def url_after(self, view: Any, row: Any) -> str:
        """Where one is after saving."""
        if self.inspect_view_enabled:
            return reverse(self.get_url_name("inspect"), args=[row.pk])
        return reverse(self.get_url_name("index"))

    def record_export(self, view: Any, seen: Iterable[Seen], number: int) -> None:
        """An export is a copy that leaves: the record says who took how many rows, and by which filters.

        Of rows about people it names them: `seen`, where `number` is that of all rows.
        """
        given = [(key, value[:100]) for key, value in view.request.GET.items() if value and key != "export"]
        chosen = {"filters": dict(given[:20])} if given else {}
        if sensitive(self.model):
            note_seen(self.model, seen, by=view.audit_reader(), verb="exported", changes=chosen)
            return
        record(
            f"{self.model._meta.model_name}.exported",
            ContentType.objects.get_for_model(self.model),
            by=view.request.user,
            changes={"rows": (None, number), **{name: (None, value) for name, value in chosen.items()}},
        )

    # --- Wagtail

    def has(self, method: str) -> bool:
        return getattr(type(self), method) is not getattr(ScopedViewSet, method)

    def get_common_view_kwargs(self, **kwargs):
        options = super().get_common_view_kwargs(viewset=self, **kwargs)
        absent = {
            "add_url_name": not self.has("create"),
            "copy_url_name": not (self.has("create") and self.copy_view_enabled),
            "edit_url_name": not self.has("change"),
            "delete_url_name": not self.has("delete"),
            "history_url_name": not self.history_enabled,
            "usage_url_name": True,
        }
        for name, is_absent in absent.items():
            if is_absent:
                options[name] = None
        return options

    def get_form_class(self, for_update=False):
        if self.form_class is not None:
            return self.form_class
        return modelform_factory(
            self.model,
            form=ScopedModelForm,
            fields=self.get_form_fields() or [],
            exclude=self.get_exclude_form_fields(),
            formfield_callback=formfield_for_dbfield,
        )

    def get_edit_handler(self):
        return None

    def get_urlpatterns(self):
        conv = self.pk_path_converter
        one = f"<{conv}:pk>/"
        patterns = [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]
        if self.has("create"):
            patterns.append(path("new/", self.add_view, name="add"))
            if self.copy_view_enabled:
                patterns.append(path(f"copy/{one}", self.copy_view, name="copy"))
        if self.has("change"):
            patterns.append(path(f"edit/{one}", self.edit_view, name="edit"))
        if self.has("delete"):
            patterns.append(path(f"delete/{one}", self.delete_view, name="delete"))
        if self.history_enabled:
            patterns += [
                path(f"history/{one}", self.history_view, name="history"),
                path(f"history-results/{one}", self.history_results_view, name="history_results"),
            ]
        if self.inspect_view_enabled:
            patterns.append(path(f"inspect/{one}", self.inspect_view, name="inspect"))
        for name, view in self.row_views.items():
            patterns.append(path(f"{name.replace('_', '-')}/{one}", self.construct_view(view), name=name))
        for name, view in self.list_views.items():
            patterns.append(path(f"{name.replace('_', '-')}/", self.construct_view(view), name=name))
        return patterns

    @cached_property
    def menu_item_class(self):
        viewset = self

        def is_shown(_item, request):
            return viewset.may(scope_of(request), "view")

        return type("ScopedMenuItem", (MenuItem,), {"is_shown": is_shown})

    def on_register(self):
        self._check()
        super().on_register()
        for action in self.bulk_actions:
            hooks.register("register_bulk_action", type(action.__name__, (action,), {"viewset": self}))

    def register_admin_url_finder(self):
        """The finder knows no rows: links to a row are made where the row was found."""

    def _check(self) -> None:
        """Refuse to be registered with parts that would not hold rows to the scope."""
        parts: list[tuple[Any, type]] = [
            (self.index_view_class, views.ScopedIndexView),
            (self.add_view_class, views.ScopedCreateView),
            (self.edit_view_class, views.ScopedEditView),
            (self.inspect_view_class, views.ScopedInspectView),
            (self.history_view_class, views.ScopedHistoryView),
            (self.delete_view_class, views.ScopedDeleteView),
            (self.copy_view_class, views.ScopedCopyView),
            *((view, pages.ScopedRowView) for view in self.row_views.values()),
            *((view, pages.ScopedPageView) for view in self.list_views.values()),
        ]
        filters = self.filterset_class
        if isinstance(filters, type) and issubclass(filters, django_filters.FilterSet):
            parts.append((filters, ScopedFilterSet))
        if self.form_class is not None:
            parts.append((self.form_class, ScopedModelForm))
        for part, base in parts:
            if not issubclass(part, base):
                raise ImproperlyConfigured(f"{type(self).__name__}: {part.__name__} is no {base.__name__}")


class ScopedGroup(ModelViewSetGroup):
    """A group in the menu; gone where none of its lists is shown."""
