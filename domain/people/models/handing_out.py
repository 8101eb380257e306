"""What is handed out about a contact, for a few days; and who is asked for their private notes for it."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from domain.config.terminology import term_lazy
from domain.core.reminding import Reminded
from domain.core.scope import Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedTextField
from domain.people.choices import NoteAnswer

from .contacts import EXPORT, Contact

PLACE = "contact__local_association__path"

# Characters of base64: some 30 MB.
LONGEST_ARCHIVE = 40_000_000


class ContactHandOutQuerySet(models.QuerySet["ContactHandOut"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those that the caller asked for, as long as they may hand out what is kept about the contact."""
        if not (scope.is_member and scope.can(EXPORT)):
            return self.none()
        return self.filter(scope.within(EXPORT, PLACE), asked_by=scope.user_id)


class ContactHandOut(SealedEntity):
    """A copy of all that is kept about a contact, sealed, for whoever asked for it, until it expires.

    The row stays, without the copy: when it was made, fetched and destroyed.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="hand_outs", verbose_name=term_lazy("contact")
    )
    # Empty once the person was erased.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("asked by"),
    )
    archive = EncryptedTextField(_("copy"), max_length=LONGEST_ARCHIVE, blank=True)
    size = models.PositiveIntegerField(_("size"), default=0, editable=False)
    made_at = models.DateTimeField(_("made"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, editable=False)
    fetched_at = models.DateTimeField(_("fetched"), null=True, editable=False)
    destroyed_at = models.DateTimeField(_("destroyed"), null=True, editable=False)

    audit_noun = "contact-hand-out"
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)

    objects = models.Manager.from_queryset(ContactHandOutQuerySet)()

    class Meta:
        verbose_name = _("copy of what is kept")
        verbose_name_plural = _("copies of what is kept")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["expires_at"], name="hand_out_kept", condition=Q(destroyed_at__isnull=True))
        ]
        constraints = [
            models.CheckConstraint(
                name="hand_out_expires", condition=Q(made_at__isnull=True) | Q(expires_at__isnull=False)
            ),
            models.CheckConstraint(
                name="hand_out_destroyed",
                condition=Q(destroyed_at__isnull=True) | Q(archive__isnull=True),
            ),
        ]

    def __str__(self):
        return str(self.contact)

    @property
    def is_ready(self) -> bool:
        return self.made_at is not None and self.destroyed_at is None


class NoteRequestQuerySet(models.QuerySet["NoteRequest"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those that ask the caller, and those about contacts whose data they may hand out."""
        if not scope.is_member:
            return self.none()
        asked = self.filter(author=scope.user_id)
        return asked | self.filter(scope.within(EXPORT, PLACE)) if scope.can(EXPORT) else asked

    def open(self) -> Self:
        """Without an answer of the author or a sealed release."""
        return self.filter(answer="", confirmed_at__isnull=True)


class NoteRequest(Reminded, SealedEntity):
    """That an author is asked for their private notes about a contact, who asks for what is kept.

    The author releases them or says why not. Where they don't, the privacy officer and a second person
    release them together, sealed: neither reads them.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="note_requests", verbose_name=term_lazy("contact")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("author"),
    )
    due_on = models.DateField(_("answer by"), editable=False)
    answer = models.CharField(_("answer"), max_length=10, choices=NoteAnswer, blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    justification = EncryptedTextField(_("why not"), max_length=2000, blank=True)
    # A sealed release: who asks for it, and the second person without whom there is none.
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, editable=False, related_name="+"
    )
    sealed_at = models.DateTimeField(null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, editable=False, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("released, sealed"), null=True, editable=False)
    # What opens the sealed notes: shown to the second person alone.
    phrase = EncryptedTextField(_("phrase"), max_length=200, blank=True)

    audit_noun = "note-request"
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)

    objects = models.Manager.from_queryset(NoteRequestQuerySet)()

    @classmethod
    def openable(cls, scope: Scope) -> models.QuerySet["NoteRequest"]:
        """The author their own words; the second person the phrase. Columns are told apart by the rules."""
        if not scope.is_member:
            return cls.objects.none()
        return cls.objects.filter(Q(author=scope.user_id) | Q(confirmed_by=scope.user_id))

    class Meta:
        verbose_name = _("request for private notes")
        verbose_name_plural = _("requests for private notes")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="note_request_answer_known", condition=Q(answer__in=["", *NoteAnswer.values])
            ),
            models.CheckConstraint(
                name="note_request_answered",
                condition=Q(answer="", answered_at__isnull=True)
                | ~Q(answer="") & Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="note_request_confirmed_after",
                condition=Q(confirmed_at__isnull=True) | Q(sealed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="note_request_two_people",
                condition=Q(confirmed_by__isnull=True)
                | Q(sealed_by__isnull=True)
                | ~Q(confirmed_by=F("sealed_by")),
            ),
            models.UniqueConstraint(
                fields=["contact", "author"],
                condition=Q(answer="", confirmed_at__isnull=True),
                name="note_request_once",
            ),
        ]

    def __str__(self):
        return _t("Request for private notes")

    @property
    def is_released(self) -> bool:
        return self.answer == NoteAnswer.RELEASED or self.confirmed_at is not None
