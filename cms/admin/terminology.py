"""The organisation's words: a list of the closed terms, and a form per term with a tab per language."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from domain.config.choices import LOCALES_WITH_DEFINITE_FORMS, Term, TermForm
from domain.config.default_terms import DEFAULT_TERMS, Forms
from domain.config.models import TerminologyOverride
from domain.config.queries import locales_in_use
from domain.config.rules import CHANGE_TERMS, override_term, reset_term
from domain.config.terminology import active_locale, own_terms, term
from domain.core.errors import DomainError
from tenants.models import LANGUAGE_CODES

from .settings import SettingsFormView, SettingsPage

VIEW_TERMS = "config.view_terminologyoverride"
GROUPS: list[tuple[object, list[Term]]] = [
    (
        gettext_lazy("People and organisation"),
        [
            Term.ORGANIZATION,
            Term.LOCAL_ASSOCIATION,
            Term.PEER_MENTOR,
            Term.COORDINATOR,
            Term.ORG_ADMIN,
            Term.CONTACT,
            Term.CAREGIVER,
        ],
    ),
    (
        gettext_lazy("Content"),
        [
            Term.FAQ,
            Term.FAQ_CATEGORY,
            Term.RESOURCE_LINK,
            Term.LINK_CATEGORY,
            Term.CONVERSATION_CARD,
            Term.CARD_DECK,
        ],
    ),
    (
        gettext_lazy("Work with contacts"),
        [Term.ACTIVITY, Term.HOME_VISIT, Term.NOTE, Term.ASSIGNMENT, Term.NOTIFICATION, Term.REPORT],
    ),
    (
        gettext_lazy("Training and gatherings"),
        [Term.CERTIFICATION, Term.COURSE, Term.EVENT, Term.WORKSHOP, Term.ACHIEVEMENT],
    ),
    (gettext_lazy("Money"), [Term.EXPENSE_CLAIM, Term.RECEIPT, Term.HONORARIUM]),
]


def shown_locales() -> list[tuple[str, str]]:
    """Languages in use, and those that have an own word all the same."""
    kept = {*locales_in_use(), *(locale for _key, locale in own_terms())}
    return [(code, str(label)) for code, label in LANGUAGE_CODES if code in kept]


class TermListView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "settings/terms.html"
    page_title = gettext_lazy("Terminology")
    header_icon = "openquote"

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_perm(VIEW_TERMS):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        own, locales = own_terms(), shown_locales()
        language = active_locale() or "en"
        groups = [
            (
                title,
                [
                    {
                        "key": key.value,
                        "name": capfirst(DEFAULT_TERMS[language][key].singular),
                        "words": [
                            {
                                "locale": code,
                                "label": label,
                                "own": own.get((key, code)),
                                "shipped": DEFAULT_TERMS[code][key],
                            }
                            for code, label in locales
                        ],
                    }
                    for key in keys
                ],
            )
            for title, keys in GROUPS
        ]
        return {
            **super().get_context_data(**kwargs),
            "groups": groups,
            "locales": locales,
            "own_count": len({key for key, _locale in own}),
            "may_change": self.request.user.has_perm(CHANGE_TERMS),
        }


class TermForms(forms.Form):
    """All forms of one term in every language shown. All empty in a language means: the shipped word."""

    def __init__(self, *args, key: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.key, self.locales = key, shown_locales()
        rows = {row.locale: row for row in TerminologyOverride.objects.filter(term=key)}
        for code, _label in self.locales:
            row = rows.get(code)
            for form, label in TermForm.choices:
                if form.startswith("definite") and code not in LOCALES_WITH_DEFINITE_FORMS:
                    continue
                shipped = getattr(DEFAULT_TERMS[code][key], form)
                self.fields[f"{code}-{form}"] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=80,
                    initial=getattr(row, form, ""),
                    help_text=_("Shipped: %(word)s") % {"word": shipped},
                    widget=forms.TextInput(attrs={"lang": code, "autocomplete": "off"}),
                )
            self.fields[f"{code}-version"] = forms.IntegerField(
                required=False, initial=row.version if row else None, widget=forms.HiddenInput
            )

    def tabs(self):
        """(code, language, its fields, hidden fields) for each language."""
        return [
            (
                code,
                label,
                [
                    self[name]
                    for name in self.fields
                    if name.startswith(f"{code}-") and not self[name].is_hidden
                ],
                self[f"{code}-version"],
            )
            for code, label in self.locales
        ]

    @property
    def first_error(self) -> str:
        """The code of the first language with an error; empty when there is none."""
        return next(
            (code for code, _label, fields, _version in self.tabs() if any(f.errors for f in fields)), ""
        )

    def words(self, code: str) -> dict[str, str]:
        return {form: self.cleaned_data.get(f"{code}-{form}", "") for form in Forms._fields}


class TermEditView(SettingsFormView):
    form_class = TermForms
    permission_required = CHANGE_TERMS
    template_name = "settings/term.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if kwargs["key"] not in Term.values:
            raise Http404
        self.key = kwargs["key"]
        # The language whose words are being written, for errors of the rule.
        self.locale = ""

    def get_page_title(self):
        return capfirst(DEFAULT_TERMS[active_locale() or "en"][self.key].singular)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "key": self.key}

    def apply(self, form):
        for code, _label in form.locales:
            self.locale = code
            if not any(name.startswith(f"{code}-") for name in form.changed_data):
                continue
            words = form.words(code)
            if any(words.values()):
                override_term(
                    term=self.key,
                    locale=code,
                    forms=words,
                    by=self.request.user,
                    version=form.cleaned_data[f"{code}-version"],
                )
            else:
                reset_term(term=self.key, locale=code, by=self.request.user)

    def field_of(self, refusal, form):
        field = f"{self.locale}-{refusal.field}"
        return field if field in form.fields else None

    def get_success_url(self):
        return reverse("terminology:index")

    @property
    def success_message(self):
        return _("Saved. “%(word)s” is what everyone sees from now on.") % {"word": term(self.key)}

    def get_breadcrumbs_items(self):
        return [
            *WagtailAdminTemplateMixin.get_breadcrumbs_items(self),
            {"url": reverse("terminology:index"), "label": _("Terminology")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            "key": self.key,
            "has_own": any(key == self.key for key, _locale in own_terms()),
        }


class TermResetView(View):
    """Back to the shipped word in every language."""

    http_method_names = ["post"]

    def post(self, request, key):
        if key not in Term.values:
            raise Http404
        try:
            with transaction.atomic():
                reset_term(term=key, by=request.user)
        except DomainError as refusal:
            raise PermissionDenied from refusal
        messages.success(request, _("Reset. The shipped word is “%(word)s”.") % {"word": term(key)})
        return redirect("terminology:index")


class TerminologyPage(SettingsPage):
    name = "terminology"
    url_prefix = "settings/terminology"
    icon = "openquote"
    menu_label = gettext_lazy("Terminology")
    menu_order = 200
    menu_permission = VIEW_TERMS
    view_class = TermEditView

    def get_urlpatterns(self):
        return [
            path("", TermListView.as_view(), name="index"),
            path("<slug:key>/", TermEditView.as_view(), name="edit"),
            path("<slug:key>/reset/", TermResetView.as_view(), name="reset"),
        ]
