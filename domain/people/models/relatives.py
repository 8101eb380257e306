"""People close to a contact: caregivers of one contact, and relatives whom several contacts may share."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from domain.config.terminology import term_lazy
from domain.core.models import Entity
from domain.core.names import LONGEST_KEY, NameSearchField, WordsOf, person_key, reached_by, search_text
from domain.core.scope import EVERYWHERE, Scope
from domain.people.choices import Language, Relation

from .contacts import ADD, CHANGE, FOUND_BY, NAME_COLUMNS, PHONE, VIEW, Contact, reached


class OfContactQuerySet(models.QuerySet):
    """Rows that are seen by whoever sees the contact they belong to."""

    def visible_to(self, scope: Scope) -> Self:
        return self.filter(reached(scope, VIEW, "contact")) if scope.is_inside else self.none()


class Named(Entity):
    """A person of whom the name and how to reach them are kept."""

    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    # Of the names, for ordering and finding (`name_it`); found by telephone and e-mail as well.
    name_key = models.CharField(max_length=LONGEST_KEY, editable=False)
    name_search = NameSearchField(db_default="")
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.first_name} {self.last_name}".strip() or _t("Erased (%(id)s)") % {
            "id": str(self.pk)[-6:]
        }

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


class Caregiver(Named):
    """Next of kin or somebody else who cares for one contact."""

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="caregivers", verbose_name=term_lazy("contact")
    )
    relation = models.CharField(_("relation"), max_length=20, choices=Relation)
    address = models.CharField(_("postal address"), max_length=200, blank=True)
    postcode = models.CharField(
        _("postcode"),
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{4}\Z", _("A postcode has four digits."))],
    )
    city = models.CharField(_("town"), max_length=100, blank=True)
    is_primary = models.BooleanField(_("primary"), default=False)
    is_emergency_contact = models.BooleanField(_("called in an emergency"), default=False)
    informed_on = models.DateField(
        _("informed on"), null=True, blank=True, help_text=_("When they were told what is kept about them.")
    )
    consent_on = models.DateField(_("consent given on"), null=True, blank=True)

    # They have no account: their own id is what "who has read about this person" asks for.
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id", "id")
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)

    objects = models.Manager.from_queryset(OfContactQuerySet)()

    class Meta:
        verbose_name = term_lazy("caregiver")
        verbose_name_plural = term_lazy("caregiver", "plural")
        ordering = ["-is_primary", "name_key", "id"]
        indexes = [
            models.Index(fields=["name_key", "id"], name="caregiver_name"),
            GinIndex(WordsOf(F("name_search")), name="caregiver_by_words"),
        ]
        constraints = [
            models.CheckConstraint(
                name="caregiver_has_name",
                condition=~Q(first_name="") | ~Q(last_name=""),
                violation_error_message=_("Write a first or a last name."),
            ),
            models.CheckConstraint(
                name="caregiver_relation_known", condition=Q(relation__in=Relation.values)
            ),
            models.CheckConstraint(
                name="caregiver_phone_form", condition=Q(phone="") | Q(phone__regex=PHONE)
            ),
            models.CheckConstraint(
                name="caregiver_postcode", condition=Q(postcode="") | Q(postcode__regex=r"^[0-9]{4}$")
            ),
            models.UniqueConstraint(
                fields=["contact"], condition=Q(is_primary=True), name="caregiver_one_primary"
            ),
        ]


class RegisteredRelativeQuerySet(models.QuerySet["RegisteredRelative"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those of the contacts that the caller sees; who was never linked yet, whoever registered them."""
        if not scope.is_inside:
            return self.none()
        if EVERYWHERE in scope.reach(VIEW):
            return self.all()
        links = ContactRelative.objects.filter(relative=OuterRef("pk"))
        seen = links.filter(reached(scope, VIEW, "contact"))
        if not (scope.can(ADD) or scope.can(CHANGE)):
            return self.filter(Exists(seen))  # Whoever registers nobody any more.
        return self.filter(Exists(seen) | (Q(created_by=scope.user_id, was_linked=False)))


class RegisteredRelative(Named):
    """A relative who is followed up beside the contact; siblings share their parents.

    `relation_types` are what they are to the contacts they are linked to, kept by the rules.
    """

    birth_year = models.PositiveSmallIntegerField(
        _("year of birth"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
    )
    language = models.CharField(_("language"), max_length=8, choices=Language, blank=True)
    relation_types = ArrayField(
        models.CharField(max_length=20, choices=Relation),
        verbose_name=_("relations"),
        default=list,
        blank=True,
        editable=False,
    )
    needs = models.CharField(
        _("needs"),
        max_length=500,
        blank=True,
        help_text=_("Practical ones, such as an interpreter or a parking place. Nothing about health."),
    )
    # Once they belonged to a contact, whoever registered them has no sight of their own any more.
    was_linked = models.BooleanField(default=False, db_default=False, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)

    audit_noun = "relative"
    audit_subjects: ClassVar[tuple[str, ...]] = ("id",)
    audit_label: ClassVar[tuple[str, ...]] = ("id",)

    objects = models.Manager.from_queryset(RegisteredRelativeQuerySet)()

    class Meta:
        verbose_name = _("relative")
        verbose_name_plural = _("relatives")
        ordering = ["name_key", "id"]
        indexes = [
            models.Index(fields=["name_key", "id"], name="relative_name"),
            GinIndex(WordsOf(F("name_search")), name="relative_by_words"),
        ]
        constraints = [
            models.CheckConstraint(
                name="relative_has_name",
                condition=~Q(first_name="") | ~Q(last_name="") | Q(erased_at__isnull=False),
                violation_error_message=_("Write a first or a last name."),
            ),
            models.CheckConstraint(
                name="relative_birth_year",
                condition=Q(birth_year__isnull=True) | Q(birth_year__gte=1900, birth_year__lte=2100),
            ),
            models.CheckConstraint(name="relative_phone_form", condition=Q(phone="") | Q(phone__regex=PHONE)),
            models.CheckConstraint(
                name="relative_language_known", condition=Q(language="") | Q(language__in=Language.values)
            ),
            models.CheckConstraint(
                name="relative_erased_is_nobody",
                condition=Q(erased_at__isnull=True)
                | Q(first_name="", last_name="", phone="", email="", needs="", birth_year__isnull=True),
            ),
        ]


class ContactRelative(Entity):
    """That a relative belongs to a contact, and as what."""

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="relatives", verbose_name=term_lazy("contact")
    )
    relative = models.ForeignKey(
        RegisteredRelative, on_delete=models.PROTECT, related_name="links", verbose_name=_("relative")
    )
    relation = models.CharField(_("relation"), max_length=20, choices=Relation)
    has_custody = models.BooleanField(_("has custody"), default=False)
    may_be_contacted = models.BooleanField(_("may be contacted"), default=True)
    is_primary = models.BooleanField(_("primary"), default=False)

    audit_noun = "contact-relative"
    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id", "relative_id")
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)

    objects = models.Manager.from_queryset(OfContactQuerySet)()

    class Meta:
        verbose_name = _("relative of a contact")
        verbose_name_plural = _("relatives of contacts")
        ordering = ["-is_primary", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "relative"],
                name="contact_relative_once",
                violation_error_message=_("They are linked already."),
            ),
            models.UniqueConstraint(
                fields=["contact"], condition=Q(is_primary=True), name="contact_relative_one_primary"
            ),
            models.CheckConstraint(
                name="contact_relative_relation_known", condition=Q(relation__in=Relation.values)
            ),
        ]

    def __str__(self):
        return f"{self.relative} – {self.contact}"
