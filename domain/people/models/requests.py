"""That authors are asked for their private notes, because a person wants to see what is kept about them."""

from datetime import date, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from domain.config.terminology import term_lazy
from domain.core.reminding import Reminded
from domain.core.scope import EVERYWHERE, Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedTextField
from domain.people.choices import NoteAnswer

from .contacts import EXPORT, Contact
from .notes import ContactNote, Note

CONFIRM = "people.confirm_noterequest"
PLACE = "contact__local_association__path"
# A request, and what was released for it, counts for copies made within so long; then authors are asked anew.
HOLDS_FOR = timedelta(days=90)


class NoteRequestQuerySet(models.QuerySet["NoteRequest"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those that ask the caller, those about contacts whose data they may hand out, and, for a second
        person, those whose sealed release waits for one."""
        if not scope.is_member:
            return self.none()
        if EVERYWHERE in scope.reach(EXPORT):
            return self.all()
        found = Q(author=scope.user_id)
        if scope.can(EXPORT):
            found |= scope.within(EXPORT, PLACE)
        if scope.can(CONFIRM):
            found |= Q(sealed_at__isnull=False)
        return self.filter(found)

    def holding(self, now: Any = None) -> Self:
        """Those that count for a copy that is made now."""
        return self.filter(created_at__gt=(now or timezone.now()) - HOLDS_FOR)

    def open(self) -> Self:
        """Those that wait for an answer: neither answered nor released without one."""
        return self.holding().filter(answer="", confirmed_at__isnull=True)

    def released(self) -> Self:
        """Those whose note goes into a copy as it is, because its author said so."""
        return self.holding().filter(answer=NoteAnswer.RELEASED)

    def released_sealed(self) -> Self:
        """Those whose note goes into a copy sealed, because two people said so."""
        return self.holding().filter(confirmed_at__isnull=False).exclude(answer=NoteAnswer.RELEASED)


class NoteRequest(Reminded, SealedEntity):
    """That an author is asked for one private note about a contact: to release it, or to say why not.

    Where the answer is no, or there is none in time, the privacy officer and a second person release it
    together, sealed with a phrase that the second person alone knows: neither of them reads it.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="note_requests", verbose_name=term_lazy("contact")
    )
    contact_note = models.ForeignKey(
        ContactNote, on_delete=models.CASCADE, null=True, editable=False, related_name="requests"
    )
    own_note = models.ForeignKey(
        Note, on_delete=models.CASCADE, null=True, editable=False, related_name="requests"
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
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, editable=False, related_name="+"
    )
    sealed_at = models.DateTimeField(_("sealed release asked for"), null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, editable=False, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("released, sealed"), null=True, editable=False)
    # What goes into the copy: opened by the second person's phrase, which is kept nowhere.
    envelope = models.TextField(blank=True, default="", editable=False)
    handed_out_at = models.DateTimeField(_("handed out"), null=True, editable=False)

    audit_noun = "note-request"
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)
    audit_hidden: ClassVar[tuple[str, ...]] = ("envelope",)

    objects = models.Manager.from_queryset(NoteRequestQuerySet)()

    @classmethod
    def openable(cls, scope: Scope) -> models.QuerySet["NoteRequest"]:
        """Why a note is kept back: for its author, and for who judges that."""
        if not scope.is_member:
            return cls.objects.none()
        if EVERYWHERE in scope.reach(EXPORT):
            return cls.objects.all()
        return cls.objects.filter(Q(author=scope.user_id) | scope.within(EXPORT, PLACE))

    class Meta:
        verbose_name = _("request for a private note")
        verbose_name_plural = _("requests for private notes")
        ordering = ["due_on", "id"]
        permissions = [("confirm_noterequest", "Can confirm that a private note is released sealed")]
        indexes = [models.Index(fields=["author", "due_on"], name="note_request_by_author")]
        constraints = [
            models.CheckConstraint(
                name="note_request_one_note",
                condition=Q(contact_note__isnull=True, own_note__isnull=False)
                | Q(contact_note__isnull=False, own_note__isnull=True),
            ),
            models.CheckConstraint(
                name="note_request_answer_known", condition=Q(answer__in=["", *NoteAnswer.values])
            ),
            models.CheckConstraint(
                name="note_request_answered",
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="note_request_withheld_why",
                condition=~Q(answer=NoteAnswer.WITHHELD) | Q(justification__isnull=False),
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
            models.CheckConstraint(
                name="note_request_envelope",
                condition=Q(envelope="") | Q(confirmed_at__isnull=False),
            ),
            models.UniqueConstraint(fields=["contact_note", "due_on"], name="note_request_contact_note_once"),
            models.UniqueConstraint(fields=["own_note", "due_on"], name="note_request_own_note_once"),
        ]

    def __str__(self):
        return _t("Request of %(day)s") % {"day": timezone.localdate(self.created_at or timezone.now())}

    @property
    def note(self) -> ContactNote | Note:
        """What is asked for."""
        found = self.contact_note or self.own_note
        assert found is not None  # A constraint says so.
        return found

    @property
    def holds(self) -> bool:
        return self.created_at > timezone.now() - HOLDS_FOR

    @property
    def is_open(self) -> bool:
        return self.answer == "" and self.confirmed_at is None and self.holds

    def is_overdue(self, day: date | None = None) -> bool:
        return self.is_open and self.due_on < (day or timezone.localdate())
