"""Choosing a row in a dialogue: what is offered, found and accepted is what the caller sees."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, UUIDField
from django.http import Http404
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from domain.audit.reading import RecordsReads
from domain.core.searching import found

from .access import full_permission, scope_of, scoped


class SearchForm(BaseFilterForm):
    """Finds every word in any of `search_fields`."""

    search_fields: ClassVar[list[str]] = []
    q = forms.CharField(
        label=_("Search term"), required=False, widget=forms.TextInput(attrs={"placeholder": _("Search")})
    )

    def filter(self, objects):
        objects = super().filter(objects)
        text = self.cleaned_data.get("q", "").replace("\x00", "").strip()
        if text:
            objects = found(objects, self.search_fields, text)
            self.is_searching, self.search_query = True, text
        return objects


class ScopedWidget(BaseChooser):
    """Names a row only where the form offers it: an id that was sent in is no way to read a name."""

    choices_of_form: QuerySet | None = None
    # Set by the viewset.
    edit_url_name = ""

    def get_instance(self, value):
        if value is None or isinstance(value, self.model_class):
            return value
        pk = _as_key(self.model_class, value)
        if pk is None or self.choices_of_form is None:
            return None
        return self.choices_of_form.filter(pk=pk).first()

    def get_value_data_from_instance(self, instance):
        return {
            "id": str(instance.pk),
            "edit_url": reverse(self.edit_url_name, args=[quote(instance.pk)]) if self.edit_url_name else "",
            self.display_title_key: self.get_display_title(instance),
        }


class _Scoped(RecordsReads):
    """For a view of a chooser: its rows, and who may open it."""

    model_class: Any
    viewset: Any = None

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        if not scope_of(request).can(self.viewset.permission):
            raise PermissionDenied

    def rows(self) -> QuerySet:
        return self.viewset.rows(scope_of(self.request))

    def get_object_list(self):
        return self.rows()

    def can_create(self) -> bool:
        return False

    def get_filter_form_class(self):
        return type("FilterForm", (SearchForm,), {"search_fields": self.viewset.search_fields})

    def filter_object_list(self, objects):
        for name in self.url_filter_parameters:  # type: ignore[attr-defined]
            value = self.request.GET.get(name)
            if value:
                try:
                    objects = objects.filter(**{name: value})
                except (ValueError, TypeError, forms.ValidationError) as error:
                    raise Http404 from error
        if self.filter_form.is_valid():  # type: ignore[attr-defined]
            objects = self.filter_form.filter(objects)  # type: ignore[attr-defined]
        return objects

    def get_edit_item_url(self, instance):
        name = self.viewset.edit_url_name
        return reverse(name, args=[quote(instance.pk)]) if name else ""


class _Offering(_Scoped):
    """For a view that shows a page of rows to choose from."""

    def get_results_page(self, request):
        page = super().get_results_page(request)  # type: ignore[misc]
        self.note_list(page.object_list)
        return page


class ChooseView(_Offering, chooser.ChooseView):
    pass


class ChooseResultsView(_Offering, chooser.ChooseResultsView):
    pass


class ChosenView(_Scoped, chooser.ChosenView):
    def get_object(self, pk):
        key = _as_key(self.model_class, pk)
        row = None if key is None else self.rows().filter(pk=key).first()
        if row is None:
            raise Http404
        self.note_read(row)
        return row


class ChosenMultipleView(_Scoped, chooser.ChosenMultipleView):
    def get_objects(self, pks):
        keys = [_as_key(self.model_class, pk) for pk in pks]
        rows = self.rows().filter(pk__in=[key for key in keys if key is not None])
        self.note_list(rows)
        return rows


class ScopedChooserViewSet(ChooserViewSet):
    """A chooser whose dialogue shows, searches and accepts `visible_to(scope)`, or `rows` if overridden.

    `permission` opens it ("view" of the model unless set); `edit_url_name` is where "edit" leads, e.g. the
    viewset's inspect page, or empty. Nothing can be made in the dialogue.
    """

    search_fields: ClassVar[list[str]] = []
    edit_url_name = ""
    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView
    base_widget_class = ScopedWidget

    @property
    def permission(self) -> str:
        return full_permission(self.model, "view")

    def rows(self, scope) -> QuerySet:
        return scoped(self.model, scope)

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(viewset=self, **kwargs)

    @cached_property
    def widget_class(self):
        widget = super().widget_class
        widget.edit_url_name = self.edit_url_name
        return widget

    def get_urlpatterns(self):
        return [
            path("", self.choose_view, name="choose"),
            path("results/", self.choose_results_view, name="choose_results"),
            path("chosen/<str:pk>/", self.chosen_view, name="chosen"),
            path("chosen-multiple/", self.chosen_multiple_view, name="chosen_multiple"),
        ]


def _as_key(model, value) -> Any:
    """The value as a key of the model, or None where it can't be one."""
    if isinstance(model._meta.pk, UUIDField):
        try:
            return UUID(str(value))
        except ValueError:
            return None
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
