"""Declarations of confidentiality: the texts an organisation lets people sign, and who signed which."""

from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from domain.certification.choices import RoleContext, SigningMethod
from domain.certification.names import in_reading_language, languages
from domain.certification.places import own_or_within
from domain.core.models import Entity
from domain.core.scope import Scope
from tenants.models import LANGUAGE_CODES

VIEW_TEXTS = "certification.view_declarationtext"
CHANGE_TEXTS = "certification.change_declarationtext"
VIEW_DECLARATION = "certification.view_confidentialitydeclaration"
ADD_DECLARATION = "certification.add_confidentialitydeclaration"
CHANGE_DECLARATION = "certification.change_confidentialitydeclaration"


class DeclarationTextQuerySet(models.QuerySet["DeclarationText"]):
    def visible_to(self, scope: Scope) -> Self:
        """Every member reads what was published; drafts whoever may see the texts' pages."""
        if scope.can(VIEW_TEXTS):
            return self.all()
        return self.filter(published_at__isnull=False) if scope.is_member else self.none()

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)


class DeclarationText(Entity):
    """A version of what people sign, in the organisation's languages.

    A published version is never changed again (trigger, migration 0002): a new one is written, and when it is
    published everyone is asked to sign anew. "{organization}" in a text stands for the organisation's name.
    """

    role_context = models.CharField(_("signed as"), max_length=10, choices=RoleContext)
    number = models.PositiveIntegerField(_("version"), editable=False)
    title_nb = models.CharField(_("title in Bokmål"), max_length=120)
    title_nn = models.CharField(_("title in Nynorsk"), max_length=120, blank=True)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    body_nb = models.TextField(_("text in Bokmål"), max_length=10_000)
    body_nn = models.TextField(_("text in Nynorsk"), max_length=10_000, blank=True)
    body_en = models.TextField(_("text in English"), max_length=10_000, blank=True)
    validity_months = models.PositiveSmallIntegerField(
        _("signed for, in months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Empty: until there is a new version."),
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )

    audit_noun = "declaration-text"

    objects = models.Manager.from_queryset(DeclarationTextQuerySet)()

    class Meta:
        verbose_name = _("text of a declaration")
        verbose_name_plural = _("texts of declarations")
        ordering = ["role_context", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["role_context", "number"], name="declaration_text_version"),
            models.UniqueConstraint(
                fields=["role_context"],
                condition=Q(published_at__isnull=True),
                name="declaration_text_one_draft",
                violation_error_message=_("There is a draft of the next version already."),
            ),
            models.CheckConstraint(
                name="declaration_text_context", condition=Q(role_context__in=RoleContext.values)
            ),
            models.CheckConstraint(
                name="declaration_text_written", condition=~Q(title_nb="") & ~Q(body_nb="")
            ),
            models.CheckConstraint(
                name="declaration_text_pairs",
                condition=(Q(title_nn="", body_nn="") | (~Q(title_nn="") & ~Q(body_nn="")))
                & (Q(title_en="", body_en="") | (~Q(title_en="") & ~Q(body_en=""))),
                violation_error_message=_("A language needs both its title and its text."),
            ),
        ]

    def __str__(self):
        return _t("%(title)s, version %(number)d") % {"title": self.title, "number": self.number}

    @property
    def title(self) -> str:
        return in_reading_language(self, "title")

    def language_for(self, wanted: str = "") -> str:
        """In which language somebody reads it: theirs, or the next that it is written in."""
        return next(language for language in languages(wanted) if getattr(self, f"body_{language}"))


class DeclarationQuerySet(models.QuerySet["ConfidentialityDeclaration"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own, and those of people whom one may see them of."""
        return self.filter(own_or_within(scope, VIEW_DECLARATION))

    def holding(self, day) -> Self:
        """Signed by that day, not over and not revoked."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=day),
            Q(revoked_at__isnull=True),
        )


class ConfidentialityDeclaration(Entity):
    """That a person signed a version: the exact words they were shown, and their SHA-256."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="confidentiality_declarations",
        verbose_name=_("person"),
    )
    text = models.ForeignKey(
        DeclarationText, on_delete=models.PROTECT, related_name="declarations", verbose_name=_("text")
    )
    role_context = models.CharField(_("signed as"), max_length=10, choices=RoleContext)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGE_CODES)
    signed_text = models.TextField(_("signed text"))
    text_sha256 = models.CharField(_("SHA-256 of the text"), max_length=64)
    method = models.CharField(_("signed"), max_length=10, choices=SigningMethod)
    signed_at = models.DateTimeField(_("signed at"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True, help_text=_("The last day."))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revocation_reason = models.CharField(_("reason"), max_length=500, blank=True)

    audit_noun = "confidentiality-declaration"
    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = models.Manager.from_queryset(DeclarationQuerySet)()

    class Meta:
        verbose_name = _("declaration of confidentiality")
        verbose_name_plural = _("declarations of confidentiality")
        ordering = ["-signed_at"]
        indexes = [models.Index(fields=["user", "role_context"], name="declaration_of_user")]
        constraints = [
            models.CheckConstraint(
                name="declaration_context", condition=Q(role_context__in=RoleContext.values)
            ),
            models.CheckConstraint(name="declaration_method", condition=Q(method__in=SigningMethod.values)),
            models.CheckConstraint(
                name="declaration_hash",
                condition=Q(text_sha256__regex=r"^[0-9a-f]{64}$") & ~Q(signed_text=""),
            ),
            models.CheckConstraint(
                name="declaration_revoked_after",
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("signed_at")),
            ),
        ]

    def __str__(self):
        return f"{self.get_role_context_display()}, {self.user}"
