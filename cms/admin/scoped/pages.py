"""Pages beside the generated ones: of the whole list, of one row, and for one action on a row."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from domain.audit.guard import recorded
from domain.core.errors import DomainError, StaleVersion

from .forms import ScopedForm
from .mixins import RefusingForm, ScopedMixin, ScopedObjectMixin


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
        return [*items, {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}]

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
