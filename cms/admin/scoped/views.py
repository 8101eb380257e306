"""The generated views, each held to rows in scope; writing goes through the viewset's rules."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from cms.admin.audit_history import AuditHistoryView
from cms.admin.organizations.listing import WholeExport
from domain.audit.guard import recorded
from domain.audit.reading import RecordsReads
from domain.core.errors import DomainError, StaleVersion
from domain.core.scope import Scope

from .access import scope_of
from .forms import ScopedFilterSet, ScopedForm


class ScopedMixin(RecordsReads):
    """What every view knows: the caller's scope, and permissions asked of it instead of Wagtail's policy."""

    model: Any = None
    # Set by the viewset.
    viewset: Any = None

    @cached_property
    def scope(self) -> Scope:
        return scope_of(self.request)

    def rows(self) -> QuerySet:
        """The rows that the caller sees."""
        return self.viewset.rows(self.scope)

    def may(self, verb: str, row: Any = None) -> bool:
        """Whether the caller may do this at all, or with this row."""
        return self.viewset.may(self.scope, verb, row)

    def user_has_permission(self, permission: str) -> bool:
        return self.may(permission)

    def user_has_permission_for_instance(self, permission: str, instance: Any) -> bool:
        return self.may(permission, instance)

    def user_has_any_permission(self, permissions) -> bool:
        return any(self.may(permission) for permission in permissions)


class ScopedObjectMixin(ScopedMixin):
    """For a view of one row: found among those in sight, and the permission holds where the row belongs.

    Whatever shows the row, also a form that was refused, is on the record before it leaves.
    """

    permission_required: Any = None
    any_permission_required: Any = None
    kwargs: Any

    def get_object(self, queryset=None):
        if getattr(self, "object", None) is None:
            row = self.rows().filter(pk=self.kwargs["pk"]).first()
            if row is None:
                raise Http404
            self.object = row
        return self.object

    def dispatch(self, request, *args, **kwargs):
        row = self.get_object()
        needed = [self.permission_required] if self.permission_required else self.any_permission_required
        if needed and not any(self.may(verb, row) for verb in needed):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if response.status_code == 200:
            self.note_read(row)
        return response


class RefusingForm(ScopedMixin):
    """A form view whose writing may be refused: what was typed stays, and the reason stands at its field."""

    def form_valid(self, form):
        self.form = form
        try:
            with transaction.atomic():
                return super().form_valid(form)  # type: ignore[misc]
        except StaleVersion as refusal:
            return self.stale(form, refusal)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            return self.refused(form)

    def refused(self, form):
        self.produced_error_code = "validation_error"
        self.produced_error_message = _("Nothing was saved: see below.")
        return self.form_invalid(form)  # type: ignore[attr-defined]

    def stale(self, form, refusal: StaleVersion):
        form.add_error(None, str(refusal.message))
        return self.refused(form)


class ScopedIndexView(ScopedMixin, WholeExport, generic.IndexView):
    """List, its results, and the export of both: the same rows."""

    base_filterset_class = ScopedFilterSet
    any_permission_required: ClassVar[list[str]] = ["view"]
    template_name = "scoped/index.html"

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
        if "\x00" in self.search_query:
            return queryset.none()
        return super().search_queryset(queryset)

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

    def as_spreadsheet(self, queryset, spreadsheet_format):
        self.viewset.record_export(self, queryset)
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


class ScopedPageView(ScopedMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page of the whole list beside the generated ones; `permission` opens it."""

    permission = "view"
    index_url_name = ""
    index_results_url_name = ""
    add_url_name = ""

    def dispatch(self, request, *args, **kwargs):
        if not self.may(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {
                "url": reverse(self.index_url_name),
                "label": capfirst(self.model._meta.verbose_name_plural),
            },
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]


class ScopedRowView(ScopedObjectMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page of one row."""

    permission_required = "view"
    index_url_name = ""
    inspect_url_name = ""
    edit_url_name = ""

    def get_page_subtitle(self):
        return str(self.object)

    def get_breadcrumbs_items(self):
        items = [
            *self.breadcrumbs_items,
            {
                "url": reverse(self.index_url_name),
                "label": capfirst(self.model._meta.verbose_name_plural),
            },
        ]
        if self.inspect_url_name:
            items.append(
                {"url": reverse(self.inspect_url_name, args=[self.object.pk]), "label": str(self.object)}
            )
        return [*items, {"url": "", "label": self.get_page_title(), "sublabel": str(self.object)}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(object=self.object, **kwargs)


class ScopedActionView(RefusingForm, ScopedRowView, FormView):
    """One action on one row: a form, and `apply` that calls the rule.

    The form carries the row's version as `version`; `self.version` is what the person read.
    """

    template_name = "scoped/action.html"
    permission_required = "change"
    form_class: Any = ScopedForm
    page_title: Any = ""
    explanation: Any = ""
    button: Any = gettext_lazy("Save")
    is_serious = False
    success_message: Any = gettext_lazy("Saved.")

    def apply(self, form) -> None:
        raise NotImplementedError

    @cached_property
    def version(self) -> int:
        """What the person read; a version that was not sent is none that there can be."""
        raw = self.request.POST.get("version", "")
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else -1

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "scope": self.scope}

    def form_valid(self, form):
        try:
            what = f"{self.viewset.name} {type(self).__name__}"
            with transaction.atomic(), recorded(self.object, what=what):
                self.apply(form)
        except StaleVersion as refusal:
            form.add_error(None, str(refusal.message))
            self.object = self.rows().get(pk=self.object.pk)
            return self.form_invalid(form)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            return self.form_invalid(form)
        messages.success(self.request, self.get_success_message())
        return redirect(self.get_success_url())

    def get_success_message(self) -> str:
        return str(self.success_message)

    def get_success_url(self):
        return self.viewset.url_after(self, self.object)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "media": context["form"].media,
            "action_url": self.request.get_full_path(),
            "explanation": self.explanation,
            "button": self.button,
            "is_serious": self.is_serious,
            "cancel_url": self.viewset.url_after(self, self.object),
        }


def _text(form, name: str) -> str:
    """A field's value in words, of a form bound or not."""
    bound = form[name]
    value = bound.value()
    choices = getattr(bound.field, "queryset", None)
    if choices is not None and value:
        row = choices.filter(pk=value).first()
        return str(row) if row else ""
    named = dict(getattr(bound.field, "choices", None) or [])
    if value in named:
        return str(named[value])
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)
