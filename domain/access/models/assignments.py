"""Who may do what, where and from when to when."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.access.choices import FOR_A_PURPOSE, SCOPED, Role
from domain.associations.models import LocalAssociation
from domain.core.models import Entity
from domain.core.scope import EVERYWHERE, Scope

WHOLE_ORGANIZATION = _("This role holds for the whole organisation: leave the local association empty.")


class RoleAssignmentQuerySet(models.QuerySet):
    def holding(self, day=None) -> "RoleAssignmentQuerySet":
        """Those that hold on a day (without one: today, in the organisation's time zone)."""
        day = day or timezone.localdate()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)

    def visible_to(self, scope: Scope) -> "RoleAssignmentQuerySet":
        """One's own, and those that lie where the caller may see roles."""
        if not scope.is_inside:
            return self.none()
        if EVERYWHERE in scope.reach("access.view_roleassignment"):
            return self.all()
        near = scope.within("access.view_roleassignment", "local_association__path")
        return self.filter(Q(user_id=scope.user_id) | near)


class RoleAssignment(Entity):
    """A role of a person in this organisation or in a chapter and those below it; both dates included."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="role_assignments",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    local_association = models.ForeignKey(
        LocalAssociation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="role_assignments",
        verbose_name=_("local association"),
        help_text=_("Empty: the whole organisation. A local association includes those below it."),
    )
    purpose = models.CharField(
        _("purpose"),
        max_length=500,
        blank=True,
        help_text=_("Needed for a role that shows names and health of others."),
    )
    is_deputy = models.BooleanField(_("deputy"), default=False)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(
        _("to"), null=True, blank=True, help_text=_("The last day. Empty: until further notice.")
    )

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["role", "-valid_from"]
        indexes = [models.Index(fields=["user", "role"], name="role_assignment_by_user")]
        constraints = [
            models.CheckConstraint(
                name="role_assignment_period",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            models.CheckConstraint(
                name="role_assignment_scoped_roles",
                condition=Q(local_association__isnull=True) | Q(role__in=sorted(SCOPED)),
                violation_error_message=WHOLE_ORGANIZATION,
            ),
            models.CheckConstraint(
                name="role_assignment_for_a_purpose",
                condition=~Q(role__in=sorted(FOR_A_PURPOSE)) | ~Q(purpose=""),
                violation_error_message=_("Say for which purpose."),
            ),
            models.UniqueConstraint(
                name="role_assignment_once",
                fields=["user", "role", "local_association", "valid_from"],
                nulls_distinct=False,
                violation_error_message=_("This person has this role there from that day already."),
            ),
        ]

    def __str__(self):
        return str(self.get_role_display())
