"""The counting rules of the grant for peer support, with dates: shared by all organisations.

Tables of the public schema. Organisations read them; the platform's staff write them. What an activity is
judged by is the set that holds on its day, so that a change of the regulation never changes the past.
"""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from domain.core.scope import Scope

from .choices import WITH_VALUE, GrantCategory, Requirement, RuleSetStatus

VIEW, ADD, CHANGE = "grants.view_ruleset", "grants.add_ruleset", "grants.change_ruleset"


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def visible_to(self, scope: Scope) -> Self:
        """Every member reads what is published; drafts are for those who write them."""
        if scope.can(VIEW):
            return self.all()
        return self.published() if scope.is_inside else self.none()

    def published(self) -> Self:
        return self.filter(status=RuleSetStatus.PUBLISHED)

    def on(self, day: date) -> Self:
        """The published set that holds on a day; none before the first."""
        return self.published().filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class RuleSet(Entity):
    """The rules of a regulation from one day to another. Published, it is never changed but for its end."""

    audit_noun = "rule-set"

    name = models.CharField(_("name"), max_length=60, unique=True)
    source = models.TextField(
        _("source"), max_length=1000, help_text=_("The regulation, its number and where it can be read.")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=RuleSetStatus, default=RuleSetStatus.DRAFT, editable=False
    )

    objects = models.Manager.from_queryset(RuleSetQuerySet)()

    class Meta:
        verbose_name = _("set of counting rules")
        verbose_name_plural = _("sets of counting rules")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(name="rule_set_named", condition=~Q(name="") & ~Q(source="")),
            models.CheckConstraint(
                name="rule_set_status_known", condition=Q(status__in=RuleSetStatus.values)
            ),
            models.CheckConstraint(
                name="rule_set_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
        ]

    def __str__(self):
        return self.name


class CountingRule(Entity):
    """One thing that a set asks of the activities of one category."""

    audit_noun = "counting-rule"

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="rules")
    category = models.CharField(_("category"), max_length=10, choices=GrantCategory)
    requirement = models.CharField(_("requirement"), max_length=20, choices=Requirement)
    value = models.PositiveSmallIntegerField(_("value"), null=True, blank=True)
    paragraph = models.CharField(
        _("paragraph"), max_length=60, blank=True, help_text=_("Where the source says so, for example § 11.")
    )

    class Meta:
        verbose_name = _("counting rule")
        verbose_name_plural = _("counting rules")
        ordering = ["category", "requirement"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set", "category", "requirement"],
                name="rule_once_per_category",
                violation_error_message=_("This requirement is asked for already."),
            ),
            models.CheckConstraint(
                name="rule_category_counts",
                condition=Q(category__in=[c for c in GrantCategory.values if c != GrantCategory.NONE]),
                violation_error_message=_("Nothing can be asked of what is not part of the grant."),
            ),
            models.CheckConstraint(
                name="rule_requirement_known", condition=Q(requirement__in=Requirement.values)
            ),
            models.CheckConstraint(
                name="rule_value_where_needed",
                condition=Q(requirement__in=WITH_VALUE, value__gte=1)
                | (~Q(requirement__in=WITH_VALUE) & Q(value__isnull=True)),
                violation_error_message=_("Give a number of at least 1 where one is asked for, else none."),
            ),
        ]

    def __str__(self):
        shown = f"{self.get_category_display()}: {self.get_requirement_display()}"
        return shown if self.value is None else f"{shown} ({self.value})"
