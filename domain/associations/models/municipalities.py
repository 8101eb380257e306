"""Where municipalities are: from where one looks for somebody near, since contacts have no coordinates."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from domain.core.names import LONGEST_KEY, sort_key
from domain.core.scope import Scope

ADD_MUNICIPALITIES = "associations.add_municipalityposition"
CHANGE_MUNICIPALITIES = "associations.change_municipalityposition"
# Norway with Svalbard and Jan Mayen, in whole degrees: catches numbers that were swapped or mistyped.
SOUTH, NORTH, WEST, EAST = 57, 82, -10, 34


class MunicipalityPositionQuerySet(models.QuerySet["MunicipalityPosition"]):
    def visible_to(self, scope: Scope) -> Self:
        """Facts about places: everybody of the organisation reads them."""
        return self.all() if scope.is_inside else self.none()


class MunicipalityPosition(Entity):
    """The middle of a municipality, to a hundredth of a degree, as somebody here has entered it."""

    number = models.CharField(
        _("number"),
        max_length=4,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{4}\Z", _("A municipality has a number of four digits."))],
        error_messages={"unique": _("This municipality has a position already.")},
        help_text=_("Four digits, for example 0301 for Oslo."),
    )
    name = models.CharField(_("name"), max_length=100)
    # Of the name, for ordering.
    name_key = models.CharField(max_length=LONGEST_KEY, editable=False)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(SOUTH), MaxValueValidator(NORTH)],
        help_text=_("Degrees north, for example 59.91."),
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(WEST), MaxValueValidator(EAST)],
        help_text=_("Degrees east, for example 10.75."),
    )
    source = models.CharField(
        _("known from"), max_length=200, blank=True, help_text=_("Where the numbers are taken from.")
    )

    audit_noun = "municipality-position"

    objects = models.Manager.from_queryset(MunicipalityPositionQuerySet)()

    class Meta:
        verbose_name = _("position of a municipality")
        verbose_name_plural = _("positions of municipalities")
        ordering = ["name_key", "number"]
        constraints = [
            models.CheckConstraint(
                name="municipality_position_number", condition=Q(number__regex=r"^[0-9]{4}$") & ~Q(name="")
            ),
            models.CheckConstraint(
                name="municipality_position_in_norway",
                condition=Q(latitude__range=(SOUTH, NORTH), longitude__range=(WEST, EAST)),
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.number})"

    def save(self, *args, **kwargs):
        self.name_key = sort_key(self.name)
        if (fields := kwargs.get("update_fields")) is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_key"}
        super().save(*args, **kwargs)
