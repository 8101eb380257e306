"""What is written about contacts, sealed: notes of whoever follows them up, and everyone's own notes."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.config.terminology import term_lazy
from domain.core.reminding import Reminded
from domain.core.scope import Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedTextField
from domain.people.choices import NoteKind, NoteVisibility

from .contacts import READ_HEALTH, Contact, reached


class ContactNoteQuerySet(models.QuerySet["ContactNote"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own about contacts that one sees, and the team's where one may read them."""
        if not scope.is_inside:
            return self.none()
        contacts = Contact.objects.visible_to(scope).order_by().values("pk")
        own = Q(author=scope.user_id) & Q(contact__in=contacts)
        team = Q(visibility=NoteVisibility.TEAM) & reached(scope, READ_HEALTH, "contact")
        return self.filter(own | team)


class ContactNote(Reminded, SealedEntity):
    """A note about a contact. A private one is its author's alone, whoever administers."""

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="notes", verbose_name=term_lazy("contact")
    )
    # Empty where the author was erased; their private notes went with them.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="contact_notes",
        verbose_name=_("author"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=NoteKind, default=NoteKind.OBSERVATION)
    visibility = models.CharField(
        _("who reads it"), max_length=10, choices=NoteVisibility, default=NoteVisibility.TEAM
    )
    body = EncryptedTextField(_("note"), max_length=10_000)
    follow_up_on = models.DateField(
        _("follow up on"), null=True, blank=True, help_text=_("The day to come back to it.")
    )
    followed_up_at = models.DateTimeField(_("followed up"), null=True, editable=False)

    audit_noun = "contact-note"
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)

    objects = models.Manager.from_queryset(ContactNoteQuerySet)()

    @classmethod
    def openable(cls, scope: Scope) -> models.QuerySet["ContactNote"]:
        """Those that the caller sees; and of whom they see no more, what they are asked for themselves."""
        seen = cls.objects.visible_to(scope)
        if not scope.is_member:
            return seen
        asked = cls.objects.filter(author=scope.user_id, requests__author=scope.user_id)
        return cls.objects.filter(
            Q(pk__in=seen.order_by().values("pk")) | Q(pk__in=asked.order_by().values("pk"))
        )

    class Meta:
        verbose_name = _("note about a contact")
        verbose_name_plural = _("notes about contacts")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["contact", "created_at"], name="contact_note_at"),
            models.Index(
                fields=["follow_up_on"],
                name="contact_note_open",
                condition=Q(follow_up_on__isnull=False, followed_up_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="contact_note_kind_known", condition=Q(kind__in=NoteKind.values)),
            models.CheckConstraint(
                name="contact_note_visibility_known", condition=Q(visibility__in=NoteVisibility.values)
            ),
            models.CheckConstraint(
                name="contact_note_private_has_author",
                condition=~Q(visibility=NoteVisibility.PRIVATE) | Q(author__isnull=False),
            ),
            models.CheckConstraint(
                name="contact_note_followed_up",
                condition=Q(followed_up_at__isnull=True) | Q(follow_up_on__isnull=False),
            ),
        ]

    def __str__(self):
        return str(self.contact)

    @property
    def is_open(self) -> bool:
        """Whether there is something left to follow up."""
        return self.follow_up_on is not None and self.followed_up_at is None


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own."""
        return self.filter(author=scope.user_id) if scope.is_member else self.none()

    def undecided(self) -> Self:
        """Those about a contact, of which the author hasn't said what becomes of them when they leave."""
        return self.filter(contact__isnull=False, contact__erased_at__isnull=True, kept_at__isnull=True)


class Note(SealedEntity):
    """A note of one's own, linked to a contact or to none. Nobody else sees that it is there."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        editable=False,
        related_name="notes",
        verbose_name=_("author"),
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="own_notes",
        verbose_name=term_lazy("contact"),
    )
    title = models.CharField(
        _("title"), max_length=200, help_text=_("Readable in lists: write no names or diagnoses here.")
    )
    body = EncryptedTextField(_("note"), max_length=20_000)
    is_pinned = models.BooleanField(_("pinned"), default=False)
    # Of one that is linked: its author chose to keep it to themselves, whatever becomes of their membership.
    kept_at = models.DateTimeField(_("kept private"), null=True, editable=False)

    audit_subjects: ClassVar[tuple[str, ...]] = ("author_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("id",)
    # Of one's own notes the record says that they changed, never what they are called.
    audit_hidden: ClassVar[tuple[str, ...]] = ("title", "contact")

    objects = models.Manager.from_queryset(NoteQuerySet)()

    class Meta:
        verbose_name = term_lazy("note")
        verbose_name_plural = term_lazy("note", "plural")
        ordering = ["-is_pinned", "-updated_at"]
        indexes = [models.Index(fields=["author", "updated_at"], name="note_by_author")]
        constraints = [models.CheckConstraint(name="note_has_title", condition=~Q(title=""))]

    def __str__(self):
        # The record keeps what a row is called.
        return str(self.pk)[-6:]
