"""What the six kinds of content have in common in the admin: views, addresses, log actions."""

import functools
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import HiddenInput
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import NumberColumn, UpdatedAtColumn
from wagtail.contrib.simple_translation.views import SubmitSnippetTranslationView
from wagtail.snippets.views.snippets import (
    ConfirmWorkflowCancellationView,
    CreateView,
    DeleteView,
    EditView,
    SnippetViewSet,
    UnpublishView,
)

from cms import rules
from domain.config.queries import locales_in_use
from domain.core.errors import DomainError, NotAllowed

from .content_listing import CategoryIndexView, ContentIndexView
from .importing.viewset import ImportableViewSet
from .languages import ContentLocaleColumn, is_in_use, main_locale
from .ordering import OrderView, ReorderView

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def is_uuid(value: Any) -> bool:
    try:
        return str(uuid.UUID(str(value))) == str(value)
    except ValueError:
        return False


def guarded(view):
    """A view whose `pk` is a uuid (anything else is a 404) and whose writes are one transaction.

    The keys are `str` in the addresses, because Wagtail's scripts put a placeholder in their place.
    """

    @functools.wraps(view)
    def inner(request, *args, **kwargs):
        if "pk" in kwargs and not is_uuid(kwargs["pk"]):
            raise Http404
        if request.method in SAFE_METHODS:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    return inner


class Authored:
    """Create and edit views that note who wrote it."""

    def save_instance(self):
        instance = self.form.instance  # type: ignore[attr-defined]
        if instance._state.adding:
            instance.created_by = self.request.user  # type: ignore[attr-defined]
        instance.updated_by = self.request.user  # type: ignore[attr-defined]
        return super().save_instance()  # type: ignore[misc]


class ContentCreateView(Authored, CreateView):
    """Writes in the languages in use; in the main one where none was chosen."""

    def get_locale(self):
        return super().get_locale() if self.request.GET.get("locale") else main_locale()

    def dispatch(self, request, *args, **kwargs):
        if not is_in_use(self.locale):
            messages.error(
                request,
                _("%(language)s is not a language in use: nothing new can be written in it.")
                % {"language": self.locale.get_display_name()},
            )
            return redirect(reverse(self.index_url_name))
        return super().dispatch(request, *args, **kwargs)

    def get_translations(self):
        return [each for each in super().get_translations() if is_in_use(each["locale"])]


class ContentEditView(Authored, EditView):
    pass


class ContentDeleteView(DeleteView):
    """Deletes by the rule, and says why where it refuses."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if self.refusal:
            context.update(is_protected=True, refusal=self.refusal)
        return context

    @functools.cached_property
    def refusal(self) -> str:
        from cms.models.base import Category

        users = rules.items_of(self.object) if isinstance(self.object, Category) else []
        return rules.in_use_message(users) if users else ""

    def form_valid(self, form):
        success_url = self.get_success_url()
        try:
            rules.delete(self.object, by=self.request.user)
        except NotAllowed as error:
            raise PermissionDenied from error
        except DomainError as error:
            messages.error(self.request, str(error))
            return redirect(reverse(self.edit_url_name, args=[self.object.pk]))
        messages.success(self.request, self.get_success_message())
        return HttpResponseRedirect(success_url)


class ContentUnpublishView(UnpublishView):
    def post(self, request, *args, **kwargs):
        try:
            rules.unpublish(self.object, by=request.user)
        except NotAllowed as error:
            raise PermissionDenied from error
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, self.get_success_message(), buttons=self.get_success_buttons())
        return redirect(self.get_next_url())


class ContentCancellationView(ConfirmWorkflowCancellationView):
    """What publishing would do to a review: asked before anything is looked up, who may publish or change."""

    def setup(self, request, *args, **kwargs):
        names = (f"cms.{verb}_{self.model._meta.model_name}" for verb in ("change", "publish"))
        if not any(request.user.has_perm(name) for name in names):
            raise PermissionDenied
        super().setup(request, *args, **kwargs)


class ContentViewSet(ImportableViewSet, SnippetViewSet):
    """One kind of content. Subclasses name the model, the panels and the columns."""

    pk_path_converter = "str"
    index_view_class = ContentIndexView
    add_view_class = ContentCreateView
    edit_view_class = ContentEditView
    delete_view_class = ContentDeleteView
    unpublish_view_class = ContentUnpublishView
    confirm_workflow_cancellation_view_class = ContentCancellationView
    order_view_class = OrderView
    reorder_view_class = ReorderView
    order_permission = "publish"
    # A POST to Wagtail's copy view would overwrite the original without asking for the right to publish.
    copy_view_enabled = False
    inspect_view_enabled = False
    list_per_page = 25
    # Ours instead: one list per category, versions and audit.
    sort_order_field = None
    panels: list = []
    base_form_class: Any = None

    def construct_view(self, view_class, **kwargs):
        return guarded(super().construct_view(view_class, **kwargs))

    def get_menu_name(self):
        # The default is made of the label once per process: it would show one organisation's word to others.
        return self.model_name

    def register_chooser_viewset(self):
        """No chooser: nothing refers to content but its category, which is a plain choice."""

    def get_edit_handler(self):
        handler = ObjectList(self.panels, base_form_class=self.base_form_class)
        return handler.bind_to_model(self.model)

    def get_index_view_kwargs(self, **kwargs):
        return super().get_index_view_kwargs(order_url_name=self.get_url_name("order"), **kwargs)

    @property
    def order_view(self):
        return self.construct_view(
            self.order_view_class,
            permission_required=self.order_permission,
            order_url_name=self.get_url_name("order"),
            reorder_url_name=self.get_url_name("reorder"),
        )

    @property
    def reorder_view(self):
        return self.construct_view(self.reorder_view_class, permission_required=self.order_permission)

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("order/", self.order_view, name="order"),
            path("reorder/<str:pk>/", self.reorder_view, name="reorder"),
        ]


class CategoryViewSet(ContentViewSet):
    """A kind of category or deck."""

    index_view_class = CategoryIndexView
    order_permission = "change"
    search_fields = ["name"]
    list_display = [
        "__str__",
        NumberColumn("item_count", label=_("Items"), sort_key="item_count"),
        ContentLocaleColumn(label=_("Language")),
        UpdatedAtColumn(label=_("Updated")),
    ]
    list_export = ["id", "translation_key", "locale.language_code", "name", "sort_order"]
    export_headings = {"locale.language_code": _("Language"), "translation_key": _("Translation key")}
    panels = [FieldPanel("name")]


class TranslateView(SubmitSnippetTranslationView):
    """Wagtail's translate page, with drafts that land in the translated category and are audited."""

    def get_form(self):
        form = super().get_form()
        locales = form.fields["locales"]
        locales.queryset = locales.queryset.filter(language_code__in=locales_in_use())
        form.show_submit = locales.queryset.exists()
        if len(locales.queryset) < 2:
            form.fields["select_all"].widget = HiddenInput()
        return form

    def post(self, request, **kwargs):
        form = self.get_form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(**kwargs))
        original = type(self.object)._default_manager.get(pk=self.object.pk)
        locales = list(form.cleaned_data["locales"])
        try:
            with transaction.atomic():
                copies = [rules.translate(original, locale, by=request.user) for locale in locales]
        except NotAllowed as error:
            messages.error(request, str(error))
            return redirect(request.path)
        names = ", ".join(str(locale.get_display_name()) for locale in locales)
        messages.success(request, self.get_success_message(names))
        return redirect(self.get_success_url(copies[0] if len(copies) == 1 else None))


def translate(request, **kwargs):
    if not is_uuid(kwargs["pk"]):
        raise Http404
    return TranslateView.as_view()(request, **kwargs)


def translate_urls():
    """Takes the place of simple_translation's address for snippets, which is registered later."""
    return [path("translation/submit/snippet/<slug:app_label>/<slug:model_name>/<str:pk>/", translate)]


def register_log_actions(actions) -> None:
    """Names of what our rules do, for Wagtail's history pages."""
    actions.register_action(rules.MOVED, _("Move"), _("Moved to another category"))
    actions.register_action(rules.AUDIENCE_CHANGED, _("Change audience"), _("Audience changed"))
    actions.register_action(rules.REORDERED, _("Change order"), _("Place in the order changed"))
    actions.register_action(rules.TRANSLATED, _("Translate"), _("Translation begun"))
