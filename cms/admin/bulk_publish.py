"""What can be done with several ticked items at once: publish, unpublish, move, change audience, delete.

Each item goes through the same rule as it would alone, in a savepoint of its own: the good ones are done, and
for each of the others the page says why not. “All in the listing” means all that the filters and the search
of the listing leave, not the whole table as in Wagtail.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import transaction
from django.shortcuts import redirect
from django.utils.functional import classproperty
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from cms import rules
from cms.models import (
    Audience,
    CardDeck,
    ConversationCard,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)
from cms.models.base import Category, ContentItem
from domain.core.errors import DomainError

from .content import is_uuid
from .content_forms import AUDIENCE_ROLES

# More than this at once would hold the request, and its locks, too long.
LIMIT = 500
SHOWN = 10


class ContentBulkAction(SnippetBulkAction):
    """Base: `permission` is asked for each item, `act` does it."""

    template_name = "content/bulk_confirm.html"
    permission = "publish"
    question: Any = ""
    confirm_label: Any = ""
    items: tuple[type, ...] = (FaqEntry, ResourceLink, ConversationCard)

    @classproperty
    def models(cls):
        return list(cls.items)

    def check_perm(self, obj):
        return rules.may(self.request.user, self.permission, obj)

    @classmethod
    def get_queryset(cls, model, object_ids):
        ids = [value for value in object_ids if is_uuid(value)][:LIMIT]
        return model._default_manager.filter(pk__in=ids).order_by("pk")

    def get_all_objects_in_listing_query(self, parent_id):
        listing = self.model.snippet_viewset.index_view
        view = listing.view_class(**listing.view_initkwargs)
        view.setup(self.request)
        if view.filters and not view.filters.is_valid():
            return []  # The list shows everything for a filter it doesn't understand: too much to act on.
        return [str(pk) for pk in view.get_queryset().values_list("pk", flat=True)]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context.update(question=self.question, confirm_label=self.confirm_label, title=self.display_name)
        return context

    def act(self, item: Any) -> None:
        raise NotImplementedError

    @classmethod
    def execute_action(cls, objects, **kwargs):
        raise NotImplementedError("each item is done by itself: see form_valid")

    def form_valid(self, form):
        self.cleaned_form = form
        objects, _without_access = self.get_actionable_objects()
        done, refused = self.act_on_each(objects)
        if done:
            messages.success(self.request, self.get_success_message(done, 0))
        if refused:
            messages.warning(self.request, refusal_message(refused))
        if not done and not refused:
            messages.warning(self.request, _("Nothing was selected that you may do this with."))
        return redirect(self.next_url)

    def act_on_each(self, objects) -> tuple[int, list[tuple[str, str]]]:
        """How many were done, and (label, reason) of those that were refused."""
        done, refused = 0, []
        for item in objects:
            label = str(item)
            try:
                with transaction.atomic():
                    self.act(item)
            except DomainError as error:
                refused.append((label, str(error)))
            else:
                done += 1
        return done, refused


def refusal_message(refused: list[tuple[str, str]]):
    rows = format_html_join("", "<li><strong>{}</strong>: {}</li>", refused[:SHOWN])
    rest = len(refused) - SHOWN
    more = format_html("<p>{}</p>", _("… and %(count)d more.") % {"count": rest}) if rest > 0 else ""
    heading = ngettext("%(count)d was left as it is:", "%(count)d were left as they are:", len(refused)) % {
        "count": len(refused)
    }
    return format_html("{}<ul>{}</ul>{}", heading, rows, more)


class PublishAction(ContentBulkAction):
    display_name = gettext_lazy("Publish")
    action_type = "publish"
    aria_label = gettext_lazy("Publish the selected items")
    action_priority = 10
    question = gettext_lazy("The newest draft of each becomes what readers see. Publish these?")
    confirm_label = gettext_lazy("Yes, publish")

    def act(self, item):
        rules.publish(item, by=self.request.user)

    def get_success_message(self, num_parent_objects, num_child_objects):
        return ngettext(
            "%(count)d has been published.", "%(count)d have been published.", num_parent_objects
        ) % {"count": num_parent_objects}


class UnpublishAction(ContentBulkAction):
    display_name = gettext_lazy("Unpublish")
    action_type = "unpublish"
    aria_label = gettext_lazy("Unpublish the selected items")
    action_priority = 20
    question = gettext_lazy("Readers will no longer see these; they stay here as drafts. Unpublish them?")
    confirm_label = gettext_lazy("Yes, unpublish")

    def act(self, item):
        rules.unpublish(item, by=self.request.user)

    def get_success_message(self, num_parent_objects, num_child_objects):
        return ngettext(
            "%(count)d has been unpublished.", "%(count)d have been unpublished.", num_parent_objects
        ) % {"count": num_parent_objects}


class AskingAction(ContentBulkAction):
    """Base of actions whose confirmation asks for something; the form knows the kind of content."""

    form_for: Callable[..., type[forms.Form]]

    def get_form_class(self):
        return self.form_for(self.model)


class MoveAction(AskingAction):
    display_name = gettext_lazy("Move")
    action_type = "move"
    aria_label = gettext_lazy("Move the selected items to another category")
    action_priority = 25
    permission = "change"
    question = gettext_lazy(
        "They come last in the category you choose. Items in another language go to its translation."
    )
    confirm_label = gettext_lazy("Move")

    @staticmethod
    def form_for(model: type[ContentItem]) -> type[forms.Form]:
        group: Any = model._meta.get_field(model.category_field)
        return type(
            "MoveForm", (forms.Form,), {"category": TargetField(group.related_model, group.verbose_name)}
        )

    def act(self, item):
        rules.move(item, self.cleaned_form.cleaned_data["category"], by=self.request.user)

    def get_success_message(self, num_parent_objects, num_child_objects):
        return ngettext("%(count)d has been moved.", "%(count)d have been moved.", num_parent_objects) % {
            "count": num_parent_objects
        }


class TargetField(forms.ModelChoiceField):
    """Where to move: a category with its language."""

    def __init__(self, model: type[Category], label):
        queryset = model._default_manager.select_related("locale").order_by("locale_id", "sort_order")
        super().__init__(queryset, label=capfirst(label), empty_label=gettext_lazy("Choose one"))

    def label_from_instance(self, obj):
        return f"{obj} ({obj.locale.get_display_name()})"


class AudienceForm(forms.Form):
    audience = forms.ChoiceField(
        label=gettext_lazy("Who can read this"), choices=Audience.choices, widget=forms.RadioSelect
    )
    audience_roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        required=False,
        choices=AUDIENCE_ROLES,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Only for “Members with certain roles”: whoever has one of these may read it."
        ),
    )

    def clean(self):
        data = super().clean() or {}
        if data.get("audience") == Audience.ROLES and not data.get("audience_roles"):
            self.add_error("audience_roles", _("Tick at least one role, or choose another audience."))
        return data


class AudienceAction(ContentBulkAction):
    display_name = gettext_lazy("Change audience")
    action_type = "audience"
    aria_label = gettext_lazy("Change who may read the selected items")
    action_priority = 28
    permission = "change"
    form_class = AudienceForm
    question = gettext_lazy("It counts at once for what is published, and in the drafts.")
    confirm_label = gettext_lazy("Change audience")

    def act(self, item):
        data = self.cleaned_form.cleaned_data
        rules.change_audience(item, data["audience"], data["audience_roles"], by=self.request.user)

    def get_success_message(self, num_parent_objects, num_child_objects):
        return ngettext(
            "The audience of %(count)d has been changed.",
            "The audience of %(count)d has been changed.",
            num_parent_objects,
        ) % {"count": num_parent_objects}


class DeleteAction(ContentBulkAction):
    """Takes the place of Wagtail's, which deletes past rules, locks and audit."""

    display_name = gettext_lazy("Delete")
    action_type = "delete"
    aria_label = gettext_lazy("Delete the selected items")
    action_priority = 40
    classes = {"serious"}
    permission = "delete"
    question = gettext_lazy("They will be gone, with their drafts and history. Delete these?")
    confirm_label = gettext_lazy("Yes, delete")
    items = (FaqEntry, ResourceLink, ConversationCard, FaqCategory, ResourceCategory, CardDeck)

    def act(self, item):
        rules.delete(item, by=self.request.user)

    def get_success_message(self, num_parent_objects, num_child_objects):
        return ngettext("%(count)d has been deleted.", "%(count)d have been deleted.", num_parent_objects) % {
            "count": num_parent_objects
        }


BULK_ACTIONS = [PublishAction, UnpublishAction, MoveAction, AudienceAction, DeleteAction]
