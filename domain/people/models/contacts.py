"""Contacts: the people who are supported."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from domain.associations.models import LocalAssociation
from domain.config.terminology import term_lazy
from domain.core.models import Entity, SchemaBound
from domain.core.names import LONGEST_KEY, NameSearchField, WordsOf, person_key, reached_by, search_text
from domain.core.scope import EVERYWHERE, Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedTextField
from domain.people.choices import ClosedReason, ConsentBasis, ContactStatus, Language, Source
from tenants.fields import uuid7

from .categories import DiagnosisCategory
from .shares import shared_with

VIEW = "people.view_contact"
ADD = "people.add_contact"
CHANGE = "people.change_contact"
ERASE = "people.delete_contact"
EXPORT = "people.export_contact"
# Diagnoses, and what the team writes about somebody.
READ_HEALTH = "people.read_health"
# Of those assigned to oneself; a role's place says nothing about them.
MEET = "people.meet_contact"
COUNT = "people.count_contact"
NAME_COLUMNS = ("name_key", "name_search")
# What these are made of.
FOUND_BY = frozenset({"first_name", "last_name", "phone", "email"})
PHONE = r"^\+[0-9]{5,15}$"
# What tells who somebody is, or how they are: empty once a contact is erased.
PERSONAL = ("first_name", "last_name", "phone", "email", "address", "postcode", "city", "municipality")


def held_on(day: Any = None) -> Q:
    """The condition that a dated row holds on a day (without one: today)."""
    day = day or timezone.localdate()
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those of local associations where the caller sees contacts, and those assigned to them or
        shared with them now."""
        return self.filter(reached(scope, VIEW)) if scope.is_inside else self.none()

    def changeable_by(self, scope: Scope) -> Self:
        """Those whose facts the caller may change: where the permission holds, and their own."""
        return self.visible_to(scope).filter(reached(scope, CHANGE))

    def whose_health_reads(self, scope: Scope) -> Self:
        """Those of whose health the caller may read: where the permission holds, and their own."""
        return self.visible_to(scope).filter(reached(scope, READ_HEALTH))

    def with_category_for(self, scope: Scope) -> Self:
        """With `category_shown`, the key of the diagnosis category where the caller may read of health."""
        category = F("diagnosis_category_id")
        return self.annotate(category_shown=where_health_reads(scope, category, models.UUIDField()))

    def present(self) -> Self:
        """Without those that were merged into another or erased."""
        return self.filter(merged_into__isnull=True, erased_at__isnull=True)


def assigned_to(scope: Scope, column: str = "pk") -> Q:
    """The condition that a contact (`column` is its key) is assigned to the caller today."""
    if not (scope.is_member and scope.can(MEET)):
        return Q(pk__in=())
    mine = ContactMentor.objects.filter(held_on(), user=scope.user_id)
    return Q(**{f"{column}__in": mine.order_by().values("contact")})


def reached(scope: Scope, permission: str, column: str = "") -> Q:
    """The condition that a contact lies where the caller has a permission, is assigned to them, or shared
    with them, today.

    `column` leads to the contact, where the rows are others.
    """
    if EVERYWHERE in scope.reach(permission):
        return Q()  # Not to be joined by "or": of an empty condition nothing would be left.
    path = f"{column}__local_association__path" if column else "local_association__path"
    key = column or "pk"
    return scope.within(permission, path) | assigned_to(scope, key) | shared_with(scope, permission, key)


def where_health_reads(scope: Scope, value: Any, kind: models.Field) -> Any:
    """An expression of contacts: the value, or null where the caller may not read of their health."""
    condition = reached(scope, READ_HEALTH) if scope.is_inside else Q(pk__in=())
    if not condition:
        return ExpressionWrapper(value, output_field=kind)
    return Case(When(condition, then=value), default=None, output_field=kind)


class Contact(SealedEntity):
    """A person receiving support. Never deleted: closed, merged into another (`merged_into`), or erased.

    `merged_into` makes it an alias that leads to the other. Erased (`erased_at`), it keeps what can be
    counted and nothing that tells who it was.
    """

    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    # Of the names, for ordering, comparing and finding (`name_it`); found by telephone and e-mail as well.
    name_key = models.CharField(max_length=LONGEST_KEY, editable=False)
    name_search = NameSearchField(db_default="")
    birth_year = models.PositiveSmallIntegerField(
        _("year of birth"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
    )
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("postal address"), max_length=200, blank=True)
    postcode = models.CharField(
        _("postcode"),
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{4}\Z", _("A postcode has four digits."))],
    )
    city = models.CharField(_("town"), max_length=100, blank=True)
    municipality = models.CharField(
        _("municipality"),
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{4}\Z", _("A municipality has a number of four digits."))],
        help_text=_("Four digits, for example 0301 for Oslo."),
    )
    language = models.CharField(_("language"), max_length=8, choices=Language, blank=True)
    diagnosis_category = models.ForeignKey(
        DiagnosisCategory,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("diagnosis category"),
    )
    diagnosis = EncryptedTextField(
        _("diagnosis"), max_length=2000, blank=True, help_text=_("Sealed: opening it is on the record.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=ContactStatus, default=ContactStatus.NEW, editable=False
    )
    closed_reason = models.CharField(
        _("why closed"), max_length=20, choices=ClosedReason, blank=True, editable=False
    )
    closed_on = models.DateField(_("closed on"), null=True, editable=False)
    local_association = models.ForeignKey(
        LocalAssociation,
        on_delete=models.PROTECT,
        related_name="contacts",
        verbose_name=term_lazy("local_association"),
    )
    source = models.CharField(_("came by"), max_length=20, choices=Source, blank=True)
    consent_basis = models.CharField(
        _("consent"), max_length=20, choices=ConsentBasis, default=ConsentBasis.NOT_YET
    )
    consent_on = models.DateField(
        _("consent given on"),
        null=True,
        blank=True,
        help_text=_("Needed for every basis but “not asked yet”."),
    )
    # Whether notes of the team exist; kept by a trigger on theirs.
    has_notes = models.BooleanField(_("has notes"), default=False, editable=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="aliases",
        verbose_name=_("merged into"),
    )
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)

    # A contact has no account: its own id is what "who has read about this person" asks for.
    audit_subjects: ClassVar[tuple[str, ...]] = ("id",)
    # The record is read by people who see no contacts (`recording`).
    audit_label: ClassVar[tuple[str, ...]] = ("id",)

    objects = models.Manager.from_queryset(ContactQuerySet)()

    @classmethod
    def openable(cls, scope: Scope) -> models.QuerySet["Contact"]:
        """Whose diagnosis the caller may open: less than whom they see."""
        return cls.objects.whose_health_reads(scope)

    class Meta:
        verbose_name = term_lazy("contact")
        verbose_name_plural = term_lazy("contact", "plural")
        ordering = ["name_key", "id"]
        permissions = [
            ("meet_contact", "Can see and keep up contacts assigned to them"),
            ("count_contact", "Can see how many contacts there are"),
            ("read_health", "Can read diagnoses and notes of the team"),
            ("export_contact", "Can hand out all that is kept about a contact"),
        ]
        indexes = [
            models.Index(fields=["name_key", "birth_year"], name="contact_name"),
            models.Index(fields=["phone"], name="contact_phone", condition=~Q(phone="")),
            models.Index(fields=["local_association", "status"], name="contact_place"),
            GinIndex(WordsOf(F("name_search")), name="contact_by_words"),
        ]
        constraints = [
            models.CheckConstraint(
                name="contact_has_name",
                condition=~Q(first_name="") | ~Q(last_name="") | Q(erased_at__isnull=False),
                violation_error_message=_("Write a first or a last name."),
            ),
            models.CheckConstraint(
                name="contact_birth_year",
                condition=Q(birth_year__isnull=True) | Q(birth_year__gte=1900, birth_year__lte=2100),
            ),
            models.CheckConstraint(name="contact_phone_form", condition=Q(phone="") | Q(phone__regex=PHONE)),
            models.CheckConstraint(
                name="contact_postcode", condition=Q(postcode="") | Q(postcode__regex=r"^[0-9]{4}$")
            ),
            models.CheckConstraint(
                name="contact_municipality",
                condition=Q(municipality="") | Q(municipality__regex=r"^[0-9]{4}$"),
            ),
            models.CheckConstraint(
                name="contact_language_known", condition=Q(language="") | Q(language__in=Language.values)
            ),
            models.CheckConstraint(
                name="contact_source_known", condition=Q(source="") | Q(source__in=Source.values)
            ),
            models.CheckConstraint(name="contact_status_known", condition=Q(status__in=ContactStatus.values)),
            models.CheckConstraint(
                name="contact_closed_for_a_reason",
                condition=Q(
                    status=ContactStatus.CLOSED,
                    closed_reason__in=ClosedReason.values,
                    closed_on__isnull=False,
                )
                | (~Q(status=ContactStatus.CLOSED) & Q(closed_reason="", closed_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="contact_consent_known", condition=Q(consent_basis__in=ConsentBasis.values)
            ),
            models.CheckConstraint(
                name="contact_consent_dated",
                condition=Q(consent_basis=ConsentBasis.NOT_YET, consent_on__isnull=True)
                | (~Q(consent_basis=ConsentBasis.NOT_YET) & Q(consent_on__isnull=False)),
                violation_error_message=_("Say when the consent was given, and on which basis."),
            ),
            models.CheckConstraint(
                name="contact_alias_is_closed",
                condition=Q(merged_into__isnull=True)
                | (Q(status=ContactStatus.CLOSED) & ~Q(merged_into=F("id"))),
            ),
            models.CheckConstraint(
                name="contact_erased_is_nobody",
                condition=Q(erased_at__isnull=True)
                | Q(
                    status=ContactStatus.CLOSED,
                    closed_reason=ClosedReason.ERASED,
                    birth_year__isnull=True,
                    **dict.fromkeys(PERSONAL, ""),
                ),
            ),
        ]

    def __str__(self):
        if self.erased_at is not None:
            return _t("Erased (%(id)s)") % {"id": str(self.pk)[-6:]}
        return f"{self.first_name} {self.last_name}".strip()

    def save(self, *args: Any, **kwargs: Any):
        self.name_it()
        if (fields := kwargs.get("update_fields")) is not None and FOUND_BY & set(fields):
            kwargs["update_fields"] = {*fields, *NAME_COLUMNS}
        super().save(*args, **kwargs)

    def name_it(self) -> None:
        """Bring what the names are ordered and found by into step with them; `save` does."""
        self.name_key = person_key(self.first_name, self.last_name)
        reached = reached_by(self.phone, self.email)
        self.name_search = search_text(self.first_name, self.last_name, reached)

    @property
    def is_alias(self) -> bool:
        return self.merged_into_id is not None


class ContactMentorQuerySet(models.QuerySet["ContactMentor"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of the contacts that the caller sees."""
        return self.filter(reached(scope, VIEW, "contact")) if scope.is_inside else self.none()

    def holding(self, day: Any = None) -> Self:
        """Those that hold on a day (without one: today)."""
        return self.filter(held_on(day))


class ContactMentor(Entity):
    """That a peer mentor supports a contact, from one day to another; both included."""

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="mentors", verbose_name=term_lazy("contact")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="mentored_contacts",
        verbose_name=term_lazy("peer_mentor"),
    )
    is_primary = models.BooleanField(_("primary"), default=False)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True, help_text=_("The last day."))

    audit_noun = "contact-mentor"
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id", "user_id")
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)

    objects = models.Manager.from_queryset(ContactMentorQuerySet)()

    class Meta:
        verbose_name = _("assigned mentor")
        verbose_name_plural = _("assigned mentors")
        ordering = ["-is_primary", "valid_from", "id"]
        indexes = [models.Index(fields=["user", "valid_to"], name="contact_mentor_by_user")]
        constraints = [
            models.CheckConstraint(
                name="contact_mentor_period",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            models.UniqueConstraint(
                fields=["contact", "user"], condition=Q(valid_to__isnull=True), name="contact_mentor_once"
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(is_primary=True, valid_to__isnull=True),
                name="contact_mentor_one_primary",
            ),
        ]

    def __str__(self):
        return f"{self.user} – {self.contact}"

    def holds_on(self, day: Any) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class ContactStatusChange(SchemaBound):
    """That a contact's status changed: for its timeline and to be counted; words about it are on record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="status_changes")
    before = models.CharField(max_length=10, choices=ContactStatus, blank=True)
    after = models.CharField(max_length=10, choices=ContactStatus)
    reason = models.CharField(max_length=20, choices=ClosedReason, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        verbose_name = _("change of status")
        verbose_name_plural = _("changes of status")
        ordering = ["at"]
        indexes = [models.Index(fields=["contact", "at"], name="contact_status_change_at")]

    def __str__(self):
        return f"{self.get_before_display()} → {self.get_after_display()}"
