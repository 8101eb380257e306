"""The generated views, each held to rows in scope; writing goes through the viewset's rules."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.timezone import is_aware, localtime, make_naive
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from cms.admin.audit_history import AuditHistoryView
from cms.admin.exporting.columns import columns_of
from cms.admin.exporting.files import csv_file
from cms.admin.organizations.listing import WholeExport
from domain.audit.guard import recorded
from domain.audit.reading import Seen, subjects_of
from domain.core.errors import DomainError
from domain.core.searching import found

from .forms import ScopedFilterSet
from .mixins import RefusingForm, ScopedMixin, ScopedObjectMixin


class ScopedIndexView(ScopedMixin, WholeExport, generic.IndexView):
    """List, its results, and the export of both: the same rows."""

    base_filterset_class = ScopedFilterSet
    any_permission_required: ClassVar[list[str]] = ["view"]
    template_name = "scoped/index.html"
    custom_value_preprocess: ClassVar[dict] = {
        **generic.IndexView.custom_value_preprocess,
        datetime: {
            generic.IndexView.FORMAT_CSV: lambda value: _by_our_clocks(value).replace(microsecond=0),
            generic.IndexView.FORMAT_XLSX: lambda value: _by_our_clocks(value),
        },
    }

    @cached_property
    def columns(self):
        columns = super().columns
        if self.viewset.bulk_actions:
            columns = [BulkActionsCheckboxColumn("bulk_actions", obj_type="row"), *columns]
        return columns

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, bulk_actions=self.viewset.bulk_actions, **kwargs)
        if not self.is_export:
            self.note_list(context["object_list"])
        return context

    def get_base_queryset(self):
        return self.viewset.for_list(self.rows())

    def search_queryset(self, queryset):
        return found(queryset, self.search_fields or (), self.search_query) if self.is_searching else queryset

    def get_edit_url(self, instance):
        if self.edit_url_name and self.may("change", instance):
            return reverse(self.edit_url_name, args=[instance.pk])
        return None

    def get_copy_url(self, instance):
        return (
            reverse(self.copy_url_name, args=[instance.pk])
            if self.copy_url_name and self.may("add")
            else None
        )

    def get_delete_url(self, instance):
        if self.delete_url_name and self.may("delete", instance):
            return reverse(self.delete_url_name, args=[instance.pk])
        return None

    def get_inspect_url(self, instance):
        return reverse(self.inspect_url_name, args=[instance.pk]) if self.inspect_url_name else None

    @cached_property
    def header_buttons(self):
        return [*super().header_buttons, *self.viewset.list_buttons(self)]

    def get(self, request, *args, **kwargs):
        if request.GET.get("export") == self.FORMAT_CSV:
            # Not by way of the list's page, which would have all rows in memory first.
            return csv_file(self, self.get_queryset())
        return super().get(request, *args, **kwargs)

    def export_columns(self, rows: QuerySet) -> list[Any] | None:
        """The columns of `list_export` as expressions; None where Python has to write them."""
        base = ScopedIndexView
        if (type(self).to_row_dict, type(self).preprocess_field_value) != (
            base.to_row_dict,
            base.preprocess_field_value,
        ):
            return None
        return columns_of(rows, self.list_export)

    def note_export(self, seen: Iterable[Seen], number: int) -> None:
        """Put on the record whom a copy of so many rows is about."""
        self.viewset.record_export(self, seen, number)

    def as_spreadsheet(self, queryset, spreadsheet_format):
        seen = [Seen(frozenset(subjects_of(row))) for row in queryset]
        self.note_export(seen, len(seen))
        return super().as_spreadsheet(queryset, spreadsheet_format)


class ScopedCreateView(RefusingForm, generic.CreateView):
    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "scope": self.scope}

    def save_instance(self):
        with recorded(what=f"{self.viewset.name} create"):
            return self.viewset.create(self.form.values(), by=self.request.user)

    def get_success_url(self):
        return self.viewset.url_after(self, self.object)

    def get_success_buttons(self):
        return []


class ScopedCopyView(ScopedCreateView):
    """A new row that begins with another's values."""

    def dispatch(self, request, *args, **kwargs):
        self.original = self.rows().filter(pk=self.kwargs["pk"]).first()
        if self.original is None:
            raise Http404
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == 200:
            self.note_read(self.original)
        return response

    def get_initial(self):
        fields = self.get_form_class().base_fields
        return {
            name: getattr(self.original, field.attname if field.is_relation else name)
            for name in fields
            if name != "version"
            for field in [self.model._meta.get_field(name)]
        }


class ScopedEditView(RefusingForm, ScopedObjectMixin, generic.EditView):
    permission_required = "change"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "scope": self.scope}

    def save_instance(self):
        # The form has written what was typed into its instance; the rule gets the row as it is stored.
        row = self.rows().get(pk=self.object.pk)
        version = self.form.cleaned_data["version"]
        with recorded(row, what=f"{self.viewset.name} change"):
            return self.viewset.change(row, self.form.values(), by=self.request.user, version=version)

    def stale(self, form, refusal):
        """Say who changed what meanwhile; saving once more is then done knowingly."""
        now = self.rows().filter(pk=self.object.pk).select_related("updated_by").first()
        if now is None:
            raise Http404
        theirs = type(form)(instance=now, scope=self.scope, for_user=self.request.user)
        lines = [
            _("%(who)s changed this at %(when)s, after you opened it. Nothing was saved.")
            % {
                "who": now.updated_by or _("Somebody"),
                "when": localtime(now.updated_at).strftime("%d.%m.%Y %H:%M"),
            }
        ]
        for name in form.fields:
            if name != "version" and _text(theirs, name) != _text(form, name):
                lines.append(
                    _("%(field)s is now “%(value)s”; you have “%(yours)s”.")
                    % {
                        "field": form[name].label,
                        "value": _text(theirs, name),
                        "yours": _text(form, name),
                    }
                )
        lines.append(_("Your values are kept below: save again to put them in place of those, or reload."))
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = str(now.version)
        for line in lines:
            form.add_error(None, line)
        return self.refused(form)

    def get_page_subtitle(self):
        return self.title

    @cached_property
    def title(self) -> str:
        """The row's name as it is stored, whatever was typed into the form."""
        stored = self.rows().filter(pk=self.object.pk).first() if self.request.method == "POST" else None
        return str(stored or self.object)

    def get_last_updated_info(self):
        return None

    def get_success_url(self):
        return self.viewset.url_after(self, self.object)

    def get_success_buttons(self):
        return []

    @cached_property
    def header_more_buttons(self):
        return [*super().header_more_buttons, *self.viewset.row_buttons(self, self.object)]


class ScopedInspectView(ScopedObjectMixin, generic.InspectView):
    any_permission_required: ClassVar[list[str]] = ["view"]
    template_name = "scoped/inspect.html"

    def get_page_title(self):
        """What the row is, unless the view says it otherwise."""
        if self.page_title is not generic.InspectView.page_title:
            return self.page_title
        return capfirst(str(self.model._meta.verbose_name))

    def get_edit_url(self):
        if self.edit_url_name and self.may("change", self.object):
            return reverse(self.edit_url_name, args=[self.object.pk])
        return None

    def get_delete_url(self):
        if self.delete_url_name and self.may("delete", self.object):
            return reverse(self.delete_url_name, args=[self.object.pk])
        return None

    def get_field_display_value(self, field_name, field):
        value = super().get_field_display_value(field_name, field)
        if value is True or value is False:
            return _("Yes") if value else _("No")
        if hasattr(value, "tzinfo") and hasattr(value, "hour") and value.tzinfo:
            value = localtime(value)
        return "–" if value in (None, "") else value

    @cached_property
    def header_more_buttons(self):
        buttons = [*super().header_more_buttons, *self.viewset.row_buttons(self, self.object)]
        if self.viewset.history_enabled and self.may("change", self.object):
            url = reverse(self.viewset.get_url_name("history"), args=[self.object.pk])
            buttons.append(Button(_("History"), url=url, icon_name="history", priority=90))
        return buttons


class ScopedHistoryView(ScopedObjectMixin, AuditHistoryView):
    """What the audit says of the row, to who may see it and the row."""

    any_permission_required: ClassVar[list[str]] = ["change"]

    def get_edit_url(self, instance):
        name = self.edit_url_name if self.may("change", instance) else None
        return reverse(name, args=[instance.pk]) if name else None


class ScopedDeleteView(ScopedObjectMixin, generic.DeleteView):
    permission_required = "delete"
    template_name = "scoped/confirm_delete.html"

    def delete_action(self):
        raw = self.request.POST.get("version", "")
        version = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else -1
        with recorded(self.object, what=f"{self.viewset.name} delete"):
            self.viewset.delete(self.object, by=self.request.user, version=version)

    def form_valid(self, form):
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except DomainError as refusal:
            messages.error(self.request, str(refusal.message))
            return redirect(self.request.path)


def _by_our_clocks(moment: datetime) -> datetime:
    """As pages show it; a spreadsheet knows no zones."""
    return make_naive(moment) if is_aware(moment) else moment


def _text(form, name: str) -> str:
    """A field's value in words, of a form bound or not."""
    bound = form[name]
    value = bound.value()
    choices = getattr(bound.field, "queryset", None)
    if choices is not None and isinstance(value, list | tuple):
        return ", ".join(str(row) for row in choices.filter(pk__in=value))
    if choices is not None and value:
        row = choices.filter(pk=value).first()
        return str(row) if row else ""
    named = dict(getattr(bound.field, "choices", None) or [])
    if value in named:
        return str(named[value])
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)
