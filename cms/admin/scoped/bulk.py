"""What can be done with several ticked rows at once, each held to scope and rule as it would be alone."""

from typing import Any
from uuid import UUID

from django.contrib import messages as plain_messages
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import classproperty
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from domain.audit.guard import recorded
from domain.audit.reading import RecordsReads
from domain.core.errors import DomainError

from .access import scope_of
from .forms import ScopedForm

# More than this at once would hold the request, and its locks, too long.
LIMIT = 500
SHOWN = 10


class ScopedBulkAction(RecordsReads, BulkAction):
    """Base; a viewset lists its own in `bulk_actions`. `act` calls the rule for one row.

    Rows out of scope are as if they weren't there; rows for which `permission` doesn't hold are shown and
    left alone. What a rule refuses is said, row by row; the others are done. “All in the listing” are those
    that its filters and search leave.
    """

    template_name = "content/bulk_confirm.html"
    # Set by the viewset.
    viewset: Any = None
    permission = "change"
    question: Any = ""
    confirm_label: Any = ""
    form_class = ScopedForm

    @classproperty
    def models(cls):
        return [cls.viewset.model] if cls.viewset else []

    def act(self, row: Any) -> None:
        raise NotImplementedError

    @property
    def scope(self):
        return scope_of(self.request)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "scope": self.scope}

    def check_perm(self, obj) -> bool:
        return self.viewset.may(self.scope, self.permission, obj)

    def get_actionable_objects(self):
        ids = self.request.GET.getlist("id")
        rows = self.viewset.rows(self.scope)
        rows = self._listed() if "all" in ids else rows.filter(pk__in=[pk for pk in ids if _is_uuid(pk)])
        allowed, refused = [], []
        for row in rows[:LIMIT]:
            (allowed if self.check_perm(row) else refused).append(row)
        return allowed, {"items_with_no_access": refused}

    def _listed(self):
        listing = self.viewset.index_view
        view = listing.view_class(**listing.view_initkwargs)
        view.setup(self.request)
        if view.filters and not view.filters.is_valid():
            # The list shows everything for a filter it doesn't understand: too much to act on.
            return self.viewset.model._default_manager.none()
        return view.get_queryset()

    def object_context(self, obj):
        url = ""
        if self.viewset.inspect_view_enabled:
            url = reverse(self.viewset.get_url_name("inspect"), args=[obj.pk])
        return {"item": obj, "edit_url": url}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            question=self.question,
            confirm_label=self.confirm_label,
            title=self.display_name,
            header_icon=self.viewset.icon,
            **kwargs,
        )
        shown = [entry["item"] for entry in context["items"]]
        self.note_list([*shown, *context["items_with_no_access"]])
        return context

    @classmethod
    def execute_action(cls, objects, **kwargs):
        raise NotImplementedError("each row is done by itself: see form_valid")

    def form_valid(self, form):
        self.cleaned_form = form
        done, refused = 0, []
        for row in self.get_actionable_objects()[0]:
            try:
                with transaction.atomic(), recorded(row, what=f"{self.viewset.name} {self.action_type}"):
                    self.act(row)
            except DomainError as refusal:
                refused.append((str(row), str(refusal.message)))
            else:
                done += 1
        if done:
            messages.success(self.request, self.get_success_message(done, 0))
        if refused:
            reasons = format_html_join("", "<li><strong>{}</strong>: {}</li>", refused[:SHOWN])
            rest = len(refused) - SHOWN
            more = format_html("<p>{}</p>", _("… and %(count)d more.") % {"count": rest}) if rest > 0 else ""
            heading = ngettext(
                "%(count)d was left as it is:", "%(count)d were left as they are:", len(refused)
            ) % {"count": len(refused)}
            plain_messages.warning(self.request, format_html("{}<ul>{}</ul>{}", heading, reasons, more))
        if not done and not refused:
            messages.warning(self.request, _("Nothing was selected that you may do this with."))
        return redirect(self.next_url)

    def get_success_message(self, num_parent_objects, num_child_objects):
        return ngettext("%(count)d was changed.", "%(count)d were changed.", num_parent_objects) % {
            "count": num_parent_objects
        }


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
