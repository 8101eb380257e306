import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import domain.core.names
import tenants.fields
from domain.core.operations import NeverDelete, TrackChanges


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("associations", "0004_name_what_is_shared"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DiagnosisCategory",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("change_xid", tenants.fields.Xid8Field(editable=False, null=True)),
                ("name_nb", models.CharField(max_length=100, verbose_name="name in Bokmål")),
                ("name_nn", models.CharField(blank=True, max_length=100, verbose_name="name in Nynorsk")),
                ("name_en", models.CharField(blank=True, max_length=100, verbose_name="name in English")),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="One that isn't can't be chosen any more.",
                        verbose_name="active",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=100,
                        help_text="Lower numbers come first.",
                        validators=[django.core.validators.MaxValueValidator(32767)],
                        verbose_name="position",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="updated by",
                    ),
                ),
            ],
            options={
                "verbose_name": "diagnosis category",
                "verbose_name_plural": "diagnosis categories",
                "ordering": ["position", "name_nb"],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("change_xid", tenants.fields.Xid8Field(editable=False, null=True)),
                ("first_name", models.CharField(blank=True, max_length=100, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=100, verbose_name="last name")),
                ("name_key", models.CharField(editable=False, max_length=300)),
                ("name_search", domain.core.names.NameSearchField(db_default="", editable=False)),
                (
                    "birth_year",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="year of birth",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=16, verbose_name="phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="postal address")),
                (
                    "postcode",
                    models.CharField(
                        blank=True,
                        max_length=4,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{4}\\Z", "A postcode has four digits."
                            )
                        ],
                        verbose_name="postcode",
                    ),
                ),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="town")),
                (
                    "municipality",
                    models.CharField(
                        blank=True,
                        help_text="Four digits, for example 0301 for Oslo.",
                        max_length=4,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{4}\\Z", "A municipality has a number of four digits."
                            )
                        ],
                        verbose_name="municipality",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("nb", "Norwegian Bokmål"),
                            ("nn", "Norwegian Nynorsk"),
                            ("nsl", "Norwegian Sign Language"),
                            ("se", "Northern Sami"),
                            ("en", "English"),
                            ("ar", "Arabic"),
                            ("fa", "Persian"),
                            ("pl", "Polish"),
                            ("so", "Somali"),
                            ("ti", "Tigrinya"),
                            ("uk", "Ukrainian"),
                            ("ur", "Urdu"),
                            ("other", "Another language"),
                        ],
                        max_length=8,
                        verbose_name="language",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("closed", "Closed"),
                        ],
                        default="new",
                        editable=False,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "closed_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("completed", "The support is completed"),
                            ("declined", "Doesn't want support any more"),
                            ("no_answer", "Can't be reached"),
                            ("moved", "Has moved"),
                            ("referred", "Referred to another service"),
                            ("deceased", "Has died"),
                            ("other", "Another reason"),
                            ("merged", "Merged into another person"),
                            ("erased", "Erased"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="why closed",
                    ),
                ),
                ("closed_on", models.DateField(editable=False, null=True, verbose_name="closed on")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("self", "Got in touch"),
                            ("relative", "A relative got in touch"),
                            ("health_service", "Hospital or health service"),
                            ("municipality", "Municipality or NAV"),
                            ("peer_mentor", "Met by a peer mentor"),
                            ("event", "Course or event"),
                            ("website", "Website"),
                            ("other", "Otherwise"),
                        ],
                        max_length=20,
                        verbose_name="came by",
                    ),
                ),
                (
                    "consent_basis",
                    models.CharField(
                        choices=[
                            ("not_yet", "Not asked yet"),
                            ("consent", "Explicit consent"),
                            ("guardian", "Consent of a parent or guardian"),
                            ("membership", "Member of the organisation"),
                        ],
                        default="not_yet",
                        max_length=20,
                        verbose_name="consent",
                    ),
                ),
                (
                    "consent_on",
                    models.DateField(
                        blank=True,
                        help_text="Needed for every basis but “not asked yet”.",
                        null=True,
                        verbose_name="consent given on",
                    ),
                ),
                ("has_notes", models.BooleanField(default=False, editable=False, verbose_name="has notes")),
                ("erased_at", models.DateTimeField(editable=False, null=True, verbose_name="erased")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "local_association",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="associations.localassociation",
                        verbose_name="local association",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="people.contact",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="updated by",
                    ),
                ),
                (
                    "diagnosis_category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="people.diagnosiscategory",
                        verbose_name="diagnosis category",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ["name_key", "id"],
                "permissions": [
                    ("meet_contact", "Can see and keep up contacts assigned to them"),
                    ("count_contact", "Can see how many contacts there are"),
                    ("read_health", "Can read diagnoses and notes of the team"),
                    ("export_contact", "Can hand out all that is kept about a contact"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactMentor",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("change_xid", tenants.fields.Xid8Field(editable=False, null=True)),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                (
                    "valid_from",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="from"),
                ),
                (
                    "valid_to",
                    models.DateField(blank=True, help_text="The last day.", null=True, verbose_name="to"),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mentors",
                        to="people.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="updated by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="mentored_contacts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="peer mentor",
                    ),
                ),
            ],
            options={
                "verbose_name": "assigned mentor",
                "verbose_name_plural": "assigned mentors",
                "ordering": ["-is_primary", "valid_from", "id"],
                "indexes": [models.Index(fields=["user", "valid_to"], name="contact_mentor_by_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="contact_mentor_period",
                        violation_error_message="The last day must not be before the first.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("contact", "user"),
                        name="contact_mentor_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True), ("valid_to__isnull", True)),
                        fields=("contact",),
                        name="contact_mentor_one_primary",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactMerge",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("change_xid", tenants.fields.Xid8Field(editable=False, null=True)),
                ("moved", models.JSONField(default=list)),
                ("filled", models.JSONField(default=list)),
                ("before", models.JSONField(default=dict)),
                ("undone_at", models.DateTimeField(editable=False, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to="people.contact",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "merged",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_by",
                        to="people.contact",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="updated by",
                    ),
                ),
            ],
            options={
                "verbose_name": "merge",
                "verbose_name_plural": "merges",
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("contact", models.F("merged")), _negated=True),
                        name="contact_merge_of_two",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("merged",),
                        name="contact_merged_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactStatusChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "New"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("closed", "Closed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("closed", "Closed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("completed", "The support is completed"),
                            ("declined", "Doesn't want support any more"),
                            ("no_answer", "Can't be reached"),
                            ("moved", "Has moved"),
                            ("referred", "Referred to another service"),
                            ("deceased", "Has died"),
                            ("other", "Another reason"),
                            ("merged", "Merged into another person"),
                            ("erased", "Erased"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="status_changes",
                        to="people.contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of status",
                "verbose_name_plural": "changes of status",
                "ordering": ["at"],
                "indexes": [models.Index(fields=["contact", "at"], name="contact_status_change_at")],
            },
        ),
        migrations.AddConstraint(
            model_name="diagnosiscategory",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name_nb"),
                name="diagnosis_category_once",
                violation_error_message="There is a category of this name already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="diagnosiscategory",
            constraint=models.CheckConstraint(
                condition=models.Q(("name_nb", ""), _negated=True), name="diagnosis_category_has_name"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["name_key", "birth_year"], name="contact_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("phone", ""), _negated=True), fields=["phone"], name="contact_phone"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["local_association", "status"], name="contact_place"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_name", ""), _negated=True),
                    models.Q(("last_name", ""), _negated=True),
                    ("erased_at__isnull", False),
                    _connector="OR",
                ),
                name="contact_has_name",
                violation_error_message="Write a first or a last name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("birth_year__isnull", True),
                    models.Q(("birth_year__gte", 1900), ("birth_year__lte", 2100)),
                    _connector="OR",
                ),
                name="contact_birth_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone", ""), ("phone__regex", "^\\+[0-9]{5,15}$"), _connector="OR"),
                name="contact_phone_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("postcode", ""), ("postcode__regex", "^[0-9]{4}$"), _connector="OR"),
                name="contact_postcode",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("municipality", ""), ("municipality__regex", "^[0-9]{4}$"), _connector="OR"
                ),
                name="contact_municipality",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("language", ""),
                    (
                        "language__in",
                        ["nb", "nn", "nsl", "se", "en", "ar", "fa", "pl", "so", "ti", "uk", "ur", "other"],
                    ),
                    _connector="OR",
                ),
                name="contact_language_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source", ""),
                    (
                        "source__in",
                        [
                            "self",
                            "relative",
                            "health_service",
                            "municipality",
                            "peer_mentor",
                            "event",
                            "website",
                            "other",
                        ],
                    ),
                    _connector="OR",
                ),
                name="contact_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["new", "active", "paused", "closed"])),
                name="contact_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_on__isnull", False),
                        (
                            "closed_reason__in",
                            [
                                "completed",
                                "declined",
                                "no_answer",
                                "moved",
                                "referred",
                                "deceased",
                                "other",
                                "merged",
                                "erased",
                            ],
                        ),
                        ("status", "closed"),
                    ),
                    models.Q(
                        models.Q(("status", "closed"), _negated=True),
                        ("closed_on__isnull", True),
                        ("closed_reason", ""),
                    ),
                    _connector="OR",
                ),
                name="contact_closed_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent_basis__in", ["not_yet", "consent", "guardian", "membership"])),
                name="contact_consent_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("consent_basis", "not_yet"), ("consent_on__isnull", True)),
                    models.Q(
                        models.Q(("consent_basis", "not_yet"), _negated=True), ("consent_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="contact_consent_dated",
                violation_error_message="Say when the consent was given, and on which basis.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("status", "closed"), models.Q(("merged_into", models.F("id")), _negated=True)),
                    _connector="OR",
                ),
                name="contact_alias_is_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("address", ""),
                        ("birth_year__isnull", True),
                        ("city", ""),
                        ("closed_reason", "erased"),
                        ("email", ""),
                        ("first_name", ""),
                        ("last_name", ""),
                        ("municipality", ""),
                        ("phone", ""),
                        ("postcode", ""),
                        ("status", "closed"),
                    ),
                    _connector="OR",
                ),
                name="contact_erased_is_nobody",
            ),
        ),
        TrackChanges("DiagnosisCategory"),
        TrackChanges("Contact"),
        TrackChanges("ContactMentor"),
        TrackChanges("ContactMerge"),
        NeverDelete("Contact"),
    ]
