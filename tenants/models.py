"""The organisations of the platform, their hosts and how they relate. Tables of the public schema."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin
from stdnum.no import orgnr

from .choices import HierarchyKind, JobState, OrganizationKind, OrganizationStatus
from .fields import uuid7
from .names import validate_new_schema_name
from .storage import LogoStorage, logo_path

# Locales an organisation may have as its main one; the same list as settings.LANGUAGES.
LANGUAGE_CODES = [("nb", _("Norwegian Bokmål")), ("nn", _("Norwegian Nynorsk")), ("en", _("English"))]


def validate_organization_number(value: str) -> None:
    """Nine digits, the last a modulo-11 check digit (Brønnøysundregistrene, organisasjonsnummer)."""
    if not orgnr.is_valid(value) or not value.isdigit():
        raise ValidationError(
            _("“%(value)s” is not a Norwegian organisation number: nine digits, the last a check digit."),
            code="organization-number",
            params={"value": value},
        )


class Organization(TenantMixin):
    """A tenant: one PostgreSQL schema, one or more hosts. The boundary nothing may cross."""

    auto_create_schema = False  # `tenants.provisioning` is the only way in.
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(
        max_length=20, choices=OrganizationKind, default=OrganizationKind.ORGANIZATION, editable=False
    )
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=40)
    slug = models.SlugField(_("slug"), max_length=40, unique=True)
    organization_number = models.CharField(
        _("organisation number"), max_length=9, blank=True, validators=[validate_organization_number]
    )
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    default_language = models.CharField(
        _("main language"), max_length=2, choices=LANGUAGE_CODES, default="nb"
    )
    time_zone = models.CharField(_("time zone"), max_length=50, default="Europe/Oslo")
    logo = models.FileField(_("logo"), upload_to=logo_path, storage=LogoStorage(), blank=True)
    brand_color = models.CharField(
        _("brand colour"),
        max_length=7,
        default="#1f4e5f",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Write the colour as # and six hex digits."))],
    )
    is_listed = models.BooleanField(
        _("listed in the app's organisation picker"),
        default=False,
        help_text=_("The organisation agreed to be shown, with name, host and logo, to anyone."),
    )
    status = models.CharField(
        _("status"), max_length=20, choices=OrganizationStatus, default=OrganizationStatus.PROVISIONING
    )
    status_reason = models.CharField(_("reason"), max_length=500, blank=True)
    status_changed_at = models.DateTimeField(default=timezone.now)
    drop_after = models.DateTimeField(_("data deleted after"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="organization_status_known", condition=Q(status__in=OrganizationStatus.values)
            ),
            models.CheckConstraint(
                name="organization_schema_name_form",
                condition=Q(schema_name__regex=r"^[a-z][a-z0-9_]{0,39}$"),
                violation_error_message=_(
                    "Use 1 to 40 small letters a–z, digits and underscores as schema name, "
                    "beginning with a letter."
                ),
            ),
            models.CheckConstraint(
                # `tenants.names` says the same; here it holds whatever writes.
                name="organization_schema_name_free",
                condition=~Q(schema_name__startswith="pg_")
                & ~Q(schema_name__in=["public", "information_schema", "postgres", "template"])
                & (
                    Q(kind=OrganizationKind.PLATFORM, schema_name="platform")
                    | Q(kind=OrganizationKind.TEMPLATE, schema_name__startswith="meander_")
                    | Q(kind=OrganizationKind.ORGANIZATION)
                    & ~Q(schema_name="platform")
                    & ~Q(schema_name__startswith="meander_")
                ),
                violation_error_message=_("This schema name is reserved: choose another."),
            ),
            models.UniqueConstraint(
                name="organization_number_unique",
                fields=["organization_number"],
                condition=~Q(organization_number=""),
                violation_error_message=_("Another organisation has this organisation number."),
            ),
            models.UniqueConstraint(
                name="one_platform_one_template",
                fields=["kind"],
                condition=~Q(kind=OrganizationKind.ORGANIZATION),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if self._state.adding and self.kind == OrganizationKind.ORGANIZATION:
            try:
                validate_new_schema_name(self.schema_name)
            except ValidationError as error:
                raise ValidationError({"schema_name": error}) from error

    @property
    def is_platform(self) -> bool:
        return self.kind == OrganizationKind.PLATFORM

    @property
    def primary_host(self) -> str:
        return next((d.domain for d in self.domains.all() if d.is_primary), "")


class Domain(DomainMixin):
    """A host name on which an organisation answers (lower case, without port)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="domains")

    class Meta:
        verbose_name = _("host name")
        verbose_name_plural = _("host names")
        constraints = [
            models.CheckConstraint(
                name="domain_form",
                condition=Q(domain__regex=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"),
                violation_error_message=_(
                    "Write the host name alone, such as “nhf.example.org”: letters a–z, digits, dots "
                    "and hyphens, without port or path."
                ),
            ),
            models.UniqueConstraint(
                name="domain_one_primary", fields=["tenant"], condition=Q(is_primary=True)
            ),
        ]

    def __str__(self):
        return self.domain


class OrganizationHierarchy(models.Model):
    """A dated parent–child edge between organisations. Parents see aggregates, never rows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    parent = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="child_edges", verbose_name=_("parent")
    )
    child = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="parent_edges", verbose_name=_("child")
    )
    kind = models.CharField(_("kind of relation"), max_length=20, choices=HierarchyKind)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("The last day, if any."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("organisation relation")
        verbose_name_plural = _("organisation hierarchy")
        ordering = ["parent__name", "child__name", "-valid_from"]
        constraints = [
            models.CheckConstraint(name="hierarchy_not_itself", condition=~Q(parent=F("child"))),
            models.CheckConstraint(
                name="hierarchy_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.UniqueConstraint(
                name="hierarchy_one_open_parent", fields=["child"], condition=Q(valid_to__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.parent} → {self.child}"


class JobRun(models.Model):
    """One enqueued job: the ledger of its attempts, its progress and its result.

    `key` makes enqueueing idempotent per organisation: while a run with the same key is waiting or
    running, another is not made.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="job_progress_percent", condition=Q(progress__lte=100)),
            models.UniqueConstraint(
                name="job_key_once_at_a_time",
                fields=["organization", "name", "key"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
            ),
        ]
        indexes = [models.Index(fields=["organization", "-created_at"], name="job_by_organization")]

    def __str__(self):
        return f"{self.name} {self.key}"


class Heartbeat(models.Model):
    """When a kind of process last proved that it does its work (not merely that it runs)."""

    name = models.CharField(primary_key=True, max_length=50)
    at = models.DateTimeField()

    def __str__(self):
        return self.name


class DestroyedKey(models.Model):
    """A key of sealed content that an organisation destroyed (domain/encryption); so it is after a restore.

    Here, because an organisation's own tables go back to what a dump says. Append-only.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    schema_name = models.CharField(max_length=63)
    destroyed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["schema_name", "destroyed_at"], name="destroyed_key_by_schema")]

    def __str__(self):
        return str(self.id)
