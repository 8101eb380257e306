"""Sets of counting rules: the list, the page that explains one, writing, trying and publishing a draft."""

from typing import ClassVar

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.widgets.button import Button

from cms.admin.activities.review import key_of
from cms.admin.members.listing import DayColumn, buttons_for
from cms.admin.organizations.access import on_platform
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedActionView, ScopedViewSet, scope_of
from cms.admin.scoped.views import (
    ScopedCreateView,
    ScopedEditView,
    ScopedHistoryView,
    ScopedIndexView,
    ScopedInspectView,
)
from domain.activities.judging import words_of
from domain.activities.models.activities import VIEW as VIEW_ACTIVITIES
from domain.certification.queries import today_here
from domain.grants import rules
from domain.grants.choices import Requirement, RuleSetStatus
from domain.grants.models import ADD, CHANGE, RuleSet
from domain.grants.trying import try_rules
from domain.grants.verdict import Verdict, asked

from .forms import CATEGORIES, RuleSetForm

DRAFT, PRESENT, EARLIER, LATER = "draft", "present", "earlier", "later"
LOOKS = {
    DRAFT: ("edit", "quiet"),
    PRESENT: ("circle-check", "good"),
    EARLIER: ("history", "quiet"),
    LATER: ("time", ""),
}


def state_of(row: RuleSet) -> str:
    today = today_here()
    if row.status == RuleSetStatus.DRAFT:
        return DRAFT
    if row.valid_from > today:
        return LATER
    return EARLIER if row.valid_to is not None and row.valid_to < today else PRESENT


def state_name(row: RuleSet) -> str:
    return {
        DRAFT: _("Draft"),
        PRESENT: _("Holds now"),
        EARLIER: _("Held earlier"),
        LATER: _("Holds later"),
    }[state_of(row)]


class RuleSetIndexView(ScopedIndexView):
    page_title = gettext_lazy("Counting rules")

    @property
    def add_item_label(self):
        return _("New set")


class AddView(ScopedCreateView):
    """A new draft, which begins as another set: the one named by `from`, else the one that holds last."""

    template_name = "grants/form.html"
    page_title = gettext_lazy("New set")

    @cached_property
    def like(self) -> RuleSet | None:
        key = key_of(self.request.GET.get("from"))
        chosen = self.rows().filter(pk=key).first() if key else None
        return chosen or RuleSet.objects.published().order_by("-valid_from").first()

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "like": self.like}

    def get_initial(self):
        return {**super().get_initial(), **({"source": self.like.source} if self.like else {})}

    def get_success_message(self, instance):
        return _("“%(name)s” is a draft: try it, then publish it.") % {"name": instance}

    def get_context_data(self, **kwargs):
        return super().get_context_data(like=self.like, **kwargs)


class EditView(ScopedEditView):
    template_name = "grants/form.html"


class HistoryView(ScopedHistoryView):
    """Of published sets too, which nobody changes any more."""

    any_permission_required: ClassVar[list[str]] = [ADD]


class RuleSetInspectView(ScopedInspectView):
    template_name = "grants/rule_set.html"

    def get_page_title(self):
        return _("Counting rules")

    def get_context_data(self, **kwargs):
        row: RuleSet = self.object
        icon, tone = LOOKS[state_of(row)]
        cases = try_rules(row)
        order = list(Requirement.values)
        held = sorted(row.rules.all(), key=lambda rule: order.index(rule.requirement))
        writes = self.may("change", row)
        return super().get_context_data(
            state={"icon": icon, "tone": tone, "words": state_name(row)},
            categories=[
                (
                    category.label,
                    [(asked(rule), rule.paragraph) for rule in held if rule.category == category],
                )
                for category in CATEGORIES
            ],
            is_draft=row.status == RuleSetStatus.DRAFT,
            cases=[(case, words(case.now), words(case.then)) for case in cases],
            changed=[(case, words(case.now), words(case.then)) for case in cases if case.differs],
            edit_url=self.get_edit_url() or "",
            publish_url=reverse(self.viewset.get_url_name("publish"), args=[row.pk]) if writes else "",
            **kwargs,
        )


def words(verdict: Verdict) -> str:
    """“Counts”, or why it doesn't."""
    return " ".join(words_of(unmet) for unmet in verdict.unmet) or _("Counts")


class PublishView(ScopedActionView):
    page_title = gettext_lazy("Publish")
    button = gettext_lazy("Publish")
    permission_required = CHANGE
    is_serious = True
    success_message = gettext_lazy("The rules are published.")

    @property
    def explanation(self):
        row: RuleSet = self.object
        differing = sum(1 for case in try_rules(row) if case.differs)
        said = [
            _("“%(name)s” holds from %(day)s, in all organisations.")
            % {"day": date_format(row.valid_from, "DATE_FORMAT"), "name": row.name},
            _("The rules before end the day before. Published rules are never changed again."),
            changed_words(differing),
        ]
        if row.valid_from <= today_here():
            said.append(
                _(
                    "That day has passed: what was approved since then keeps its verdict until somebody "
                    "takes the approval back."
                )
            )
        return " ".join(said)

    def apply(self, form):
        rules.publish_rules(self.object, by=self.request.user, version=self.version)


def changed_words(number: int) -> str:
    if not number:
        return _("The sample cases are judged as before.")
    return ngettext(
        "%(number)d of the sample cases is judged otherwise.",
        "%(number)d of the sample cases are judged otherwise.",
        number,
    ) % {"number": number}


class RuleSetMenuItem(MenuItem):
    """On the platform's menu; organisations come here from their activities."""

    def is_shown(self, request):
        return on_platform(request) and scope_of(request).can("grants.view_ruleset")


class RuleSetViewSet(ScopedViewSet):
    model = RuleSet
    name = "counting_rules"
    url_prefix = "counting-rules"
    icon = "list-ul"
    menu_label = gettext_lazy("Counting rules")
    menu_order = 210
    add_to_admin_menu = True
    menu_item_class = RuleSetMenuItem
    form_class = RuleSetForm
    search_fields = ["name", "source"]
    ordering = "-valid_from"
    export_filename = "counting-rules"
    index_view_class = RuleSetIndexView
    add_view_class = AddView
    edit_view_class = EditView
    inspect_view_class = RuleSetInspectView
    history_view_class = HistoryView
    row_views: ClassVar = {"publish": PublishView}
    list_export: ClassVar = ["name", "source", "valid_from", "valid_to", "status"]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            DayColumn("valid_from", label=_("From"), sort_key="valid_from"),
            DayColumn("valid_to", label=_("To"), sort_key="valid_to"),
            StateColumn(
                "state",
                label=_("State"),
                accessor=state_name,
                icon=lambda row: LOOKS[state_of(row)][0],
                tone=lambda row: LOOKS[state_of(row)][1],
            ),
        ]

    def may(self, scope, verb, row=None):
        """Who looks after activities reads what they are judged by; the platform's staff write."""
        if verb == "view":
            return super().may(scope, "view") or scope.can(VIEW_ACTIVITIES)
        if row is not None and verb in ("change", CHANGE) and row.status == RuleSetStatus.PUBLISHED:
            return False
        return super().may(scope, verb, row)

    def create(self, values, *, by):
        return rules.draft_rules(**values, by=by)

    def change(self, row, values, *, by, version):
        changes = dict(values)
        asked_now = changes.pop("asked")
        return rules.rewrite_draft(row, changes=changes, asked=asked_now, by=by, version=version)

    def row_buttons(self, view, row):
        buttons = []
        if self.may(view.scope, CHANGE, row):
            buttons = buttons_for(self, row, [("publish", _("Publish"), "check")])
        if self.may(view.scope, ADD):
            url = f"{reverse(self.get_url_name('add'))}?from={row.pk}"
            buttons.append(Button(_("New set from this one"), url=url, icon_name="copy", priority=60))
            if not self.may(view.scope, "change", row):
                past = reverse(self.get_url_name("history"), args=[row.pk])
                buttons.append(Button(_("History"), url=past, icon_name="history", priority=90))
        return buttons
