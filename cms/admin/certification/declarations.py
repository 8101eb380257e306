"""The texts of declarations, and who signed which."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.widgets.button import Button

from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedViewSet
from cms.admin.scoped.views import ScopedCreateView, ScopedInspectView
from domain.certification import declarations
from domain.certification.choices import SigningMethod
from domain.certification.models import ConfidentialityDeclaration, DeclarationText
from domain.certification.queries import current_text, today_here
from tenants.models import LANGUAGE_CODES

from .actions import PublishView, RevokeDeclarationView
from .base import AboutPeopleViewSet, day
from .forms import DeclarationFilterSet, PaperForm, TextForm

DRAFT, PRESENT, EARLIER = "draft", "present", "earlier"
TEXT_LOOKS = {DRAFT: ("edit", "quiet"), PRESENT: ("circle-check", "good"), EARLIER: ("history", "quiet")}


def state_of(text: DeclarationText) -> str:
    if text.published_at is None:
        return DRAFT
    return PRESENT if text == current_text(text.role_context) else EARLIER


def state_name(text: DeclarationText) -> str:
    return {DRAFT: _("Draft"), PRESENT: _("Signed now"), EARLIER: _("Earlier version")}[state_of(text)]


class TextInspectView(ScopedInspectView):
    template_name = "certification/text.html"

    def get_page_title(self):
        return _("Text of a declaration")

    def get_context_data(self, **kwargs):
        row: DeclarationText = self.object
        icon, tone = TEXT_LOOKS[state_of(row)]
        written = [(code, name) for code, name in LANGUAGE_CODES if getattr(row, f"body_{code}")]
        return super().get_context_data(
            state={"icon": icon, "tone": tone, "words": state_name(row)},
            shown=[(code, name, declarations.render(row, code)) for code, name in written],
            signatures=row.declarations.count(),
            **kwargs,
        )


class TextViewSet(ScopedViewSet):
    model = DeclarationText
    name = "declaration_texts"
    url_prefix = "declaration-texts"
    icon = "doc-full"
    menu_label = gettext_lazy("Texts to sign")
    form_class = TextForm
    search_fields = ["title_nb", "title_nn", "title_en"]
    ordering = "role_context"
    inspect_view_class = TextInspectView
    row_views: ClassVar = {"publish": PublishView}

    @property
    def list_display(self):
        return [
            TitleColumn(
                "title",
                label=_("Title"),
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column(
                "get_role_context_display",
                label=_("Signed as"),
                sort_key="role_context",
                classname="wide-only",
            ),
            NumberColumn("number", label=_("Version"), sort_key="number"),
            StateColumn(
                "state",
                label=_("State"),
                accessor=state_name,
                icon=lambda row: TEXT_LOOKS[state_of(row)][0],
                tone=lambda row: TEXT_LOOKS[state_of(row)][1],
            ),
        ]

    def may(self, scope, verb, row=None):
        # A draft is thrown away by who writes it.
        verb = "change" if verb == "delete" else verb
        if verb == "change" and row is not None and row.published_at is not None:
            return False
        return super().may(scope, verb, row)

    def create(self, values, *, by):
        return declarations.write_text(**values, by=by)

    def change(self, row, values, *, by, version):
        return declarations.change_text(row, changes=values, by=by, version=version)

    def delete(self, row, *, by, version):
        declarations.discard_text(row, by=by, version=version)

    def row_buttons(self, view, row):
        if not self.may(view.scope, "change", row):
            return []
        url = reverse(self.get_url_name("publish"), args=[row.pk])
        return [Button(_("Publish"), url=url, icon_name="check", priority=40)]


class DeclarationInspectView(ScopedInspectView):
    template_name = "certification/declaration.html"

    def get_page_title(self):
        return _("Declaration of confidentiality")

    def get_context_data(self, **kwargs):
        return super().get_context_data(facts=self.facts(), state=state_of_declaration(self.object), **kwargs)

    def facts(self) -> list[tuple[str, Any]]:
        row = self.object
        facts: list[tuple[str, Any]] = [
            (_("Person"), row.user),
            (_("Signed as"), row.get_role_context_display()),
            (_("Version"), row.text.number),
            (_("Signed"), f"{day(row.signed_at)}, {row.get_method_display().lower()}"),
            (_("Valid until"), day(row.valid_until)),
            (_("Revoked"), day(row.revoked_at)),
            (_("Reason"), row.revocation_reason),
            (_("Language"), row.get_language_display()),
        ]
        return [(label, value) for label, value in facts if value not in ("", None)]


def state_of_declaration(row: ConfidentialityDeclaration) -> dict[str, str]:
    if row.revoked_at is not None:
        return {"icon": "lock", "tone": "bad", "words": _("Revoked")}
    if row.valid_until is not None and row.valid_until < today_here():
        return {"icon": "cross", "tone": "bad", "words": _("Over")}
    if row.text != current_text(row.role_context):
        return {"icon": "warning", "tone": "", "words": _("A newer version is to be signed")}
    return {"icon": "circle-check", "tone": "good", "words": _("In force")}


class PaperView(ScopedCreateView):
    page_title = gettext_lazy("Signed on paper")

    def get_initial(self):
        user = self.request.GET.get("user", "")
        return {**super().get_initial(), **({"user": user} if user else {})}


class DeclarationViewSet(AboutPeopleViewSet):
    model = ConfidentialityDeclaration
    name = "declarations"
    url_prefix = "declarations"
    icon = "lock"
    menu_label = gettext_lazy("Declarations")
    form_class = PaperForm
    filterset_class = DeclarationFilterSet
    search_fields = ["user__name_search"]
    ordering = "user__name_key"
    export_filename = "declarations"
    add_view_class = PaperView
    inspect_view_class = DeclarationInspectView
    row_views: ClassVar = {"revoke": RevokeDeclarationView}
    list_export: ClassVar = [
        *("user", "role_context", "text.number", "method", "signed_at"),
        *("valid_until", "revoked_at", "text_sha256"),
    ]
    export_headings: ClassVar = {
        "user": gettext_lazy("Person"),
        "text.number": gettext_lazy("Version"),
    }

    @property
    def list_display(self):
        return [
            TitleColumn(
                "user",
                label=_("Person"),
                sort_key="user__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column(
                "get_role_context_display",
                label=_("Signed as"),
                sort_key="role_context",
                classname="wide-only",
            ),
            NumberColumn("text.number", label=_("Version"), classname="wide-only"),
            Column(
                "signed_at", label=_("Signed"), sort_key="signed_at", accessor=lambda row: day(row.signed_at)
            ),
            Column(
                "valid_until",
                label=_("Valid until"),
                sort_key="valid_until",
                accessor=lambda row: day(row.valid_until),
                classname="wide-only",
            ),
            Column("revoked_at", label=_("Revoked"), accessor=lambda row: day(row.revoked_at)),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("user", "text")

    def create(self, values, *, by):
        shown = declarations.render(values["text"], values["language"])
        return declarations.sign_declaration(
            **{**values, "language": shown.language},
            text_sha256=shown.sha256,
            method=SigningMethod.PAPER,
            by=by,
        )

    def row_buttons(self, view, row):
        if row.revoked_at is not None or not self.may(view.scope, "change", row):
            return []
        url = reverse(self.get_url_name("revoke"), args=[row.pk])
        return [Button(_("Revoke"), url=url, icon_name="cross", priority=40)]
