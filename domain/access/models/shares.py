"""Exceptions from the roles, each for one person, one local association and a time."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from domain.associations.models import LocalAssociation
from domain.config.terminology import term_lazy
from domain.core.models import Entity
from domain.core.scope import EVERYWHERE, Scope


class ShareQuerySet(models.QuerySet["AssociationShare"]):
    def holding(self, day=None) -> Self:
        """Those that hold on a day (without one: today, in the organisation's time zone)."""
        day = day or timezone.localdate()
        return self.filter(valid_from__lte=day, valid_to__gte=day)

    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of local associations where the caller may see roles."""
        if not scope.is_inside:
            return self.none()
        if EVERYWHERE in scope.reach("access.view_roleassignment"):
            return self.all()
        near = scope.within("access.view_roleassignment", "content_object__path")
        return self.filter(Q(user_id=scope.user_id) | near)


class AssociationShare(Entity, UserObjectPermissionBase):
    """That one more person sees who belongs to a local association and those below it, until a day.

    A permission of django-guardian with a direct reference: its own functions find it as well, but know
    nothing of days, so a share that is over is deleted (the record keeps it) and asked for by `holding`.
    """

    permission = models.ForeignKey(Permission, on_delete=models.DO_NOTHING, editable=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="association_shares",
        verbose_name=_("person"),
    )
    content_object = models.ForeignKey(
        LocalAssociation,
        on_delete=models.PROTECT,
        related_name="shares",
        verbose_name=term_lazy("local_association"),
    )
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), help_text=_("The last day."))
    reason = models.CharField(_("reason"), max_length=500)

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    # Guardian asks its managers questions of its own.
    objects: ClassVar = UserObjectPermissionManager.from_queryset(ShareQuerySet)()

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = _("shared access")
        verbose_name_plural = _("shared access")
        ordering = ["valid_to"]
        indexes = [models.Index(fields=["user", "valid_to"], name="share_by_user")]
        constraints = [
            models.CheckConstraint(name="share_period", condition=Q(valid_to__gte=F("valid_from"))),
            models.CheckConstraint(name="share_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self):
        return f"{self.user} – {self.content_object}"
