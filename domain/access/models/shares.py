"""Exceptions from the roles, each for one person, one thing and a time."""

from typing import Any, ClassVar, Self

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


class ShareQuerySet(models.QuerySet[Any]):
    def holding(self, day=None) -> Self:
        """Those that hold on a day (without one: today, in the organisation's time zone)."""
        day = day or timezone.localdate()
        return self.filter(valid_from__lte=day, valid_to__gte=day)


class Share(Entity, UserObjectPermissionBase):
    """Base of what is shared with one person until a day; subclasses say `user` and `content_object`.

    A permission of django-guardian with a direct reference: its own functions find it as well, but know
    nothing of days, so a share that is over is deleted (the record keeps it) and asked for by `holding`.
    """

    permission = models.ForeignKey(Permission, on_delete=models.DO_NOTHING, editable=False, related_name="+")
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), help_text=_("The last day."))
    reason = models.CharField(_("reason"), max_length=500)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True
        ordering = ["valid_to"]

    def named_on_record(self) -> str:
        """How the record calls it; without names where these are nobody's to read there."""
        column = next(iter(getattr(self, "audit_label", ())), "")
        return str(getattr(self, column)) if column else str(self)

    @staticmethod
    def managed_by(queryset: type[ShareQuerySet]) -> Any:
        """The manager; guardian asks its managers questions of its own."""
        return UserObjectPermissionManager.from_queryset(queryset)()

    @staticmethod
    def constraints(prefix: str) -> list[models.BaseConstraint]:
        return [
            models.CheckConstraint(name=f"{prefix}_period", condition=Q(valid_to__gte=F("valid_from"))),
            models.CheckConstraint(name=f"{prefix}_has_reason", condition=~Q(reason="")),
        ]


# Every kind of share; later areas add theirs in ready(). All end with a membership, and on their day.
share_models: list[type[Share]] = []


class AssociationShareQuerySet(ShareQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of local associations where the caller may see roles."""
        if not scope.is_inside:
            return self.none()
        if EVERYWHERE in scope.reach("access.view_roleassignment"):
            return self.all()
        near = scope.within("access.view_roleassignment", "content_object__path")
        return self.filter(Q(user_id=scope.user_id) | near)


class AssociationShare(Share):
    """That one more person sees who belongs to a local association and those below it, until a day."""

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

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects: ClassVar = Share.managed_by(AssociationShareQuerySet)

    class Meta(Share.Meta):
        abstract = False
        verbose_name = _("shared access")
        verbose_name_plural = _("shared access")
        indexes = [models.Index(fields=["user", "valid_to"], name="share_by_user")]
        constraints = Share.constraints("share")

    def __str__(self):
        return f"{self.user} – {self.content_object}"


share_models.append(AssociationShare)
