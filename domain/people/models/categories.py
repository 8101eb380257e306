"""Diagnosis categories: the organisation's own list, coarse on purpose."""

from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from domain.config.terminology import active_locale
from domain.core.models import Entity
from domain.core.scope import Scope


class DiagnosisCategoryQuerySet(models.QuerySet["DiagnosisCategory"]):
    def visible_to(self, scope: Scope) -> Self:
        """The list itself tells about nobody: everyone inside reads it."""
        return self.all() if scope.is_inside else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)


class DiagnosisCategory(Entity):
    """A group of diagnoses that contacts are counted and filtered by. One in use is retired, not deleted."""

    name_nb = models.CharField(_("name in Bokmål"), max_length=100)
    name_nn = models.CharField(_("name in Nynorsk"), max_length=100, blank=True)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("One that isn't can't be chosen any more.")
    )
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=100,
        # What the column holds on PostgreSQL.
        validators=[MaxValueValidator(32767)],
        help_text=_("Lower numbers come first."),
    )

    objects = models.Manager.from_queryset(DiagnosisCategoryQuerySet)()

    class Meta:
        verbose_name = _("diagnosis category")
        verbose_name_plural = _("diagnosis categories")
        ordering = ["position", "name_nb"]
        constraints = [
            models.UniqueConstraint(
                Lower("name_nb"),
                name="diagnosis_category_once",
                violation_error_message=_("There is a category of this name already."),
            ),
            models.CheckConstraint(name="diagnosis_category_has_name", condition=~Q(name_nb="")),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language; Bokmål is always there."""
        return getattr(self, f"name_{active_locale() or 'en'}") or self.name_nb
