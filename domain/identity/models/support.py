"""Platform staff inside an organisation: only within a grant."""

from datetime import timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import JSONObject, Now
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from domain.core.scope import Scope
from domain.identity.choices import GrantStatus, SupportAccess
from tenants.db import connection
from tenants.models import Organization

from .people import STAFF_ROLES, User

LONGEST = timedelta(hours=72)
VIEW_GRANTS = "identity.view_supportaccessgrant"


def status_expression() -> Case:
    """`GrantStatus` by the database's clock; the first that fits."""
    return Case(
        When(declined_at__isnull=False, then=Value(GrantStatus.DECLINED.value)),
        When(revoked_at__isnull=False, then=Value(GrantStatus.REVOKED.value)),
        When(approved_at__isnull=True, ends_at__lte=Now(), then=Value(GrantStatus.LAPSED.value)),
        When(approved_at__isnull=True, then=Value(GrantStatus.PENDING.value)),
        When(ends_at__lte=Now(), then=Value(GrantStatus.ENDED.value)),
        When(starts_at__gt=Now(), then=Value(GrantStatus.UPCOMING.value)),
        default=Value(GrantStatus.ACTIVE.value),
        output_field=models.CharField(),
    )


class SupportAccessGrantQuerySet(models.QuerySet["SupportAccessGrant"]):
    def here(self) -> Self:
        """Those to the organisation whose schema is selected: the platform's own has none."""
        return self.filter(organization__schema_name=connection.schema_name)

    def visible_to(self, scope: Scope) -> Self:
        return self.here() if scope.can(VIEW_GRANTS) else self.none()

    def with_status(self) -> Self:
        """Annotated with `status`, one of `GrantStatus`."""
        return self.annotate(status=status_expression())

    def in_force(self) -> Self:
        """Those that let their holder in at this moment, by the database's clock."""
        return self.filter(
            approved_at__isnull=False,
            revoked_at__isnull=True,
            starts_at__lte=Now(),
            ends_at__gt=Now(),
            requested_by__platform_role__in=STAFF_ROLES,
        )

    def open(self) -> Self:
        """Those that may still let somebody in: asked for or approved, neither refused nor over."""
        return self.filter(declined_at__isnull=True, revoked_at__isnull=True, ends_at__gt=Now())

    def as_json(self) -> QuerySet:
        """Of the one that began last: what the checks of every request need, as one value."""
        fields = JSONObject(id="pk", access="access", areas="areas", ends_at="ends_at")
        return self.order_by("-starts_at").annotate(terms=fields).values("terms")[:1]


class SupportAccessGrant(Entity):
    """Time-bounded access of one of the platform's staff to one organisation.

    `areas` are keys of feature areas. It holds from `starts_at` to `ends_at` once approved, unless revoked;
    nothing but the clock ends it.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="support_grants")
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="support_grants", verbose_name=_("requested by")
    )
    reason = models.CharField(_("reason"), max_length=1000)
    areas = ArrayField(models.CharField(max_length=40), verbose_name=_("areas"))
    access = models.CharField(_("access"), max_length=5, choices=SupportAccess, default=SupportAccess.READ)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("approved by")
    )
    # Also set where a window the organisation approved beforehand let it in without a person.
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    decided_reason = models.CharField(_("reason of the decision"), max_length=500, blank=True)

    objects = SupportAccessGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("support access grant")
        verbose_name_plural = _("support access grants")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="support_grant_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="support_grant_has_areas", condition=~Q(areas=[])),
            models.CheckConstraint(
                name="support_grant_at_most_72_hours",
                condition=Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + LONGEST),
            ),
            models.CheckConstraint(
                name="support_grant_decided_once",
                condition=Q(approved_at__isnull=True) | Q(declined_at__isnull=True),
            ),
            models.CheckConstraint(
                name="support_grant_revoked_after_approval",
                condition=Q(revoked_at__isnull=True) | Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="support_grant_not_by_oneself",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")),
            ),
        ]

    def __str__(self):
        return f"{self.requested_by} – {self.organization}"

    @property
    def is_write(self) -> bool:
        return self.access == SupportAccess.WRITE
