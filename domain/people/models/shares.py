"""One contact shown to one more person for a time: the exception from roles and assigned mentors."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.access.models.shares import Share, ShareQuerySet
from domain.config.terminology import term_lazy
from domain.core.scope import EVERYWHERE, Scope

# What is shared: the contact alone, or with diagnosis and the team's notes.
SEE, READ = "view_contact", "read_health"


class ContactShareQuerySet(ShareQuerySet):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of contacts that the caller may share."""
        if not scope.is_inside:
            return self.none()
        if EVERYWHERE in scope.reach("people.change_contact"):
            return self.all()
        near = scope.within("people.change_contact", "content_object__local_association__path")
        return self.filter(Q(user_id=scope.user_id) | near)


class ContactShare(Share):
    """That one more person sees a contact until a day; with `read_health` also what the team writes there."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="contact_shares",
        verbose_name=_("person"),
    )
    content_object = models.ForeignKey(
        "people.Contact",
        on_delete=models.PROTECT,
        related_name="shares",
        verbose_name=term_lazy("contact"),
    )

    audit_noun = "contact-share"
    audit_subjects: ClassVar[tuple[str, ...]] = ("content_object_id", "user_id")
    audit_label: ClassVar[tuple[str, ...]] = ("content_object_id",)

    objects: ClassVar = Share.managed_by(ContactShareQuerySet)

    class Meta(Share.Meta):
        abstract = False
        verbose_name = _("contact shared with somebody")
        verbose_name_plural = _("contacts shared with somebody")
        indexes = [models.Index(fields=["user", "valid_to"], name="contact_share_by_user")]
        constraints = Share.constraints("contact_share")

    def __str__(self):
        return f"{self.user} – {self.content_object}"

    @property
    def reads_health(self) -> bool:
        return self.permission.codename == READ


def shared_with(scope: Scope, permission: str, column: str = "pk") -> Any:
    """The condition that a contact (`column` is its key) is shared with the caller today, so far."""
    opened_by = {"people.view_contact": (SEE, READ), "people.read_health": (READ,)}.get(permission)
    if opened_by is None or not scope.is_member:
        return Q(pk__in=())
    mine = ContactShare.objects.holding().filter(user=scope.user_id, permission__codename__in=opened_by)
    return Q(**{f"{column}__in": mine.order_by().values("content_object")})


def has_shared(scope: Scope) -> bool:
    """Whether a contact is shared with the caller today."""
    if not scope.is_member:
        return False
    return ContactShare.objects.holding().filter(user=scope.user_id).exists()
