"""Invitations to join the organisation."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.access.choices import SCOPED, InvitationState, Role
from domain.associations.models import LocalAssociation
from domain.core.models import Entity
from domain.core.scope import EVERYWHERE, Scope
from domain.identity.emails import spelled

from .assignments import WHOLE_ORGANIZATION


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those for a place where the caller may see invitations."""
        if EVERYWHERE in scope.reach("access.view_invitation"):
            return self.all()
        return self.filter(scope.within("access.view_invitation", "local_association__path"))

    def of(self, person: Any) -> Self:
        """Those by which the person came, and those to their address."""
        return self.filter(Q(accepted_by=person) | self.to(person))

    @staticmethod
    def to(person: Any) -> Q:
        """To the person's address, as it is stored: in the canonical spelling."""
        return Q(email=spelled(person.email)) if person.email else Q(pk__in=())

    def in_state(self, state: str) -> Self:
        """Those of which this has become by now."""
        now = timezone.now()
        if state == InvitationState.ACCEPTED:
            return self.filter(accepted_at__isnull=False)
        if state == InvitationState.REVOKED:
            return self.filter(revoked_at__isnull=False)
        undecided = self.filter(accepted_at__isnull=True, revoked_at__isnull=True)
        if state == InvitationState.OPEN:
            return undecided.filter(expires_at__gt=now)
        return undecided.filter(expires_at__lte=now)


class Invitation(Entity):
    """An invitation to join, sent to an address. The link's secret is kept as its SHA-256 alone.

    Until someone accepts, no account is made and nobody is told whether one exists.
    """

    email = models.EmailField(_("e-mail"))
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    local_association = models.ForeignKey(
        LocalAssociation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("local association"),
        help_text=_("Empty: the whole organisation. A local association includes those below it."),
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    message = models.CharField(_("personal message"), max_length=1000, blank=True)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)

    # Of whoever has accepted; until then it is about an address.
    audit_subjects: ClassVar[tuple[str, ...]] = ("accepted_by_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("email",)

    objects = models.Manager.from_queryset(InvitationQuerySet)()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="invitation_scoped_roles",
                condition=Q(local_association__isnull=True) | Q(role__in=sorted(SCOPED)),
                violation_error_message=WHOLE_ORGANIZATION,
            ),
            models.CheckConstraint(
                name="invitation_one_end",
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="invitation_accepted_by_someone",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
        ]

    def __str__(self):
        return self.email

    @property
    def state(self) -> InvitationState:
        """What has become of it by now."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.OPEN if self.expires_at > timezone.now() else InvitationState.EXPIRED
