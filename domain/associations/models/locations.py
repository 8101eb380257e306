"""Where mentors are, as roughly as they allow: for the map, and to find one who is near."""

from decimal import Decimal
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Mod
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from domain.associations.choices import GRID, LocationConsent, LocationSource, Precision
from domain.associations.places import about_people
from domain.core.models import Entity
from domain.core.scope import Scope

VIEW_LOCATIONS = "associations.view_mentorlocation"
CHANGE_LOCATIONS = "associations.change_mentorlocation"
# One's own; a role's place says nothing about it.
LOCATE_SELF = "associations.locate_self"


class MentorLocationQuerySet(models.QuerySet["MentorLocation"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of people whom one may see them of.

        That somebody's address is protected is seen by that person and by whoever noted it, nobody else.
        """
        if not scope.is_inside:
            return self.none()
        reached = Q(is_protected=False) & about_people(scope, VIEW_LOCATIONS)
        noted = Q(protected_by=scope.user_id) & about_people(scope, CHANGE_LOCATIONS)
        return self.filter(Q(user=scope.user_id) | reached | noted)

    def changeable_by(self, scope: Scope) -> Self:
        """Those that the caller may withdraw or protect: one's own, and of people one may do it for."""
        return self.visible_to(scope).filter(
            Q(user=scope.user_id) | (Q(pk__isnull=False) & about_people(scope, CHANGE_LOCATIONS))
        )

    def on_map(self) -> Self:
        """Those that have a point."""
        return self.filter(is_protected=False)


def _on_grid(precision: str) -> Q:
    """The condition that both coordinates lie on the grid of a precision."""
    north, east = GRID[precision]
    none = Value(Decimal(0))
    return (
        Q(precision=precision)
        & Q(Exact(Mod(F("latitude"), Value(north)), none))
        & Q(Exact(Mod(F("longitude"), Value(east)), none))
    )


class MentorLocation(Entity):
    """Where a mentor is, rounded to what they agreed to. Without consent there is no row.

    Of who has a protected address (Norwegian: adressesperre) there is no point at all: the row says so, and
    that no position may be kept.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="mentor_location",
        verbose_name=_("mentor"),
    )
    latitude = models.DecimalField(_("latitude"), max_digits=6, decimal_places=4, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=7, decimal_places=4, null=True, blank=True)
    precision = models.CharField(_("precision"), max_length=12, choices=Precision, blank=True)
    source = models.CharField(_("known from"), max_length=12, choices=LocationSource, blank=True)
    consent = models.CharField(_("consent"), max_length=8, choices=LocationConsent, blank=True)
    consented_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    is_protected = models.BooleanField(_("protected address"), default=False)
    protected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("noted by"),
    )

    audit_noun = "mentor-location"
    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)
    # The record outlives a position: it tells that there was one, not where.
    audit_hidden = ("latitude", "longitude")

    objects = models.Manager.from_queryset(MentorLocationQuerySet)()

    class Meta:
        verbose_name = _("position of a mentor")
        verbose_name_plural = _("positions of mentors")
        ordering = ["id"]
        permissions = [("locate_self", "Can say where one is, oneself")]
        indexes = [
            models.Index(
                fields=["latitude", "longitude"],
                name="mentor_location_point",
                condition=Q(is_protected=False),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="mentor_location_agreed",
                condition=Q(is_protected=True)
                | Q(
                    consent__in=LocationConsent.values,
                    consented_at__isnull=False,
                    source__in=LocationSource.values,
                    precision__in=Precision.values,
                    protected_by__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="mentor_location_protected_has_none",
                condition=Q(is_protected=False)
                | Q(
                    latitude__isnull=True,
                    longitude__isnull=True,
                    precision="",
                    source="",
                    consent="",
                    consented_at__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="mentor_location_on_earth",
                condition=Q(is_protected=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
            ),
            models.CheckConstraint(
                name="mentor_location_rounded",
                condition=Q(is_protected=True)
                | Q(precision=Precision.EXACT)
                | _on_grid(Precision.POSTCODE)
                | _on_grid(Precision.MUNICIPALITY),
            ),
        ]

    def __str__(self):
        return str(self.user)
