import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import domain.core.names
import tenants.fields
from domain.core.operations import TrackChanges


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_keep_contacts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisteredRelative",
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
                ("phone", models.CharField(blank=True, max_length=16, verbose_name="phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
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
                    "relation_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("partner", "Spouse or partner"),
                                ("parent", "Parent"),
                                ("child", "Child"),
                                ("sibling", "Sibling"),
                                ("grandparent", "Grandparent"),
                                ("other_family", "Other family"),
                                ("friend", "Friend or neighbour"),
                                ("guardian", "Guardian"),
                                ("assistant", "Assistant"),
                                ("other", "Other"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        editable=False,
                        size=None,
                        verbose_name="relations",
                    ),
                ),
                (
                    "needs",
                    models.CharField(
                        blank=True,
                        help_text="Practical ones, such as an interpreter or a parking place. Nothing about health.",
                        max_length=500,
                        verbose_name="needs",
                    ),
                ),
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
                "verbose_name": "relative",
                "verbose_name_plural": "relatives",
                "ordering": ["name_key", "id"],
            },
        ),
        migrations.CreateModel(
            name="ContactRelative",
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
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("partner", "Spouse or partner"),
                            ("parent", "Parent"),
                            ("child", "Child"),
                            ("sibling", "Sibling"),
                            ("grandparent", "Grandparent"),
                            ("other_family", "Other family"),
                            ("friend", "Friend or neighbour"),
                            ("guardian", "Guardian"),
                            ("assistant", "Assistant"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="relation",
                    ),
                ),
                ("has_custody", models.BooleanField(default=False, verbose_name="has custody")),
                ("may_be_contacted", models.BooleanField(default=True, verbose_name="may be contacted")),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relatives",
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
                    "relative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="people.registeredrelative",
                        verbose_name="relative",
                    ),
                ),
            ],
            options={
                "verbose_name": "relative of a contact",
                "verbose_name_plural": "relatives of contacts",
                "ordering": ["-is_primary", "id"],
            },
        ),
        migrations.CreateModel(
            name="Caregiver",
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
                ("phone", models.CharField(blank=True, max_length=16, verbose_name="phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("partner", "Spouse or partner"),
                            ("parent", "Parent"),
                            ("child", "Child"),
                            ("sibling", "Sibling"),
                            ("grandparent", "Grandparent"),
                            ("other_family", "Other family"),
                            ("friend", "Friend or neighbour"),
                            ("guardian", "Guardian"),
                            ("assistant", "Assistant"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="relation",
                    ),
                ),
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
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                (
                    "is_emergency_contact",
                    models.BooleanField(default=False, verbose_name="called in an emergency"),
                ),
                (
                    "informed_on",
                    models.DateField(
                        blank=True,
                        help_text="When they were told what is kept about them.",
                        null=True,
                        verbose_name="informed on",
                    ),
                ),
                ("consent_on", models.DateField(blank=True, null=True, verbose_name="consent given on")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="caregivers",
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
            ],
            options={
                "verbose_name": "caregiver",
                "verbose_name_plural": "caregivers",
                "ordering": ["-is_primary", "name_key", "id"],
                "indexes": [models.Index(fields=["name_key", "id"], name="caregiver_name")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_name", ""), _negated=True),
                            models.Q(("last_name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="caregiver_has_name",
                        violation_error_message="Write a first or a last name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "relation__in",
                                [
                                    "partner",
                                    "parent",
                                    "child",
                                    "sibling",
                                    "grandparent",
                                    "other_family",
                                    "friend",
                                    "guardian",
                                    "assistant",
                                    "other",
                                ],
                            )
                        ),
                        name="caregiver_relation_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("phone", ""), ("phone__regex", "^\\+[0-9]{5,15}$"), _connector="OR"
                        ),
                        name="caregiver_phone_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("postcode", ""), ("postcode__regex", "^[0-9]{4}$"), _connector="OR"
                        ),
                        name="caregiver_postcode",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("contact",),
                        name="caregiver_one_primary",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="registeredrelative",
            index=models.Index(fields=["name_key", "id"], name="relative_name"),
        ),
        migrations.AddConstraint(
            model_name="registeredrelative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_name", ""), _negated=True),
                    models.Q(("last_name", ""), _negated=True),
                    ("erased_at__isnull", False),
                    _connector="OR",
                ),
                name="relative_has_name",
                violation_error_message="Write a first or a last name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredrelative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("birth_year__isnull", True),
                    models.Q(("birth_year__gte", 1900), ("birth_year__lte", 2100)),
                    _connector="OR",
                ),
                name="relative_birth_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredrelative",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone", ""), ("phone__regex", "^\\+[0-9]{5,15}$"), _connector="OR"),
                name="relative_phone_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredrelative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("language", ""),
                    (
                        "language__in",
                        ["nb", "nn", "nsl", "se", "en", "ar", "fa", "pl", "so", "ti", "uk", "ur", "other"],
                    ),
                    _connector="OR",
                ),
                name="relative_language_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredrelative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("birth_year__isnull", True),
                        ("email", ""),
                        ("first_name", ""),
                        ("last_name", ""),
                        ("needs", ""),
                        ("phone", ""),
                    ),
                    _connector="OR",
                ),
                name="relative_erased_is_nobody",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactrelative",
            constraint=models.UniqueConstraint(
                fields=("contact", "relative"),
                name="contact_relative_once",
                violation_error_message="They are linked already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactrelative",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)),
                fields=("contact",),
                name="contact_relative_one_primary",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactrelative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "relation__in",
                        [
                            "partner",
                            "parent",
                            "child",
                            "sibling",
                            "grandparent",
                            "other_family",
                            "friend",
                            "guardian",
                            "assistant",
                            "other",
                        ],
                    )
                ),
                name="contact_relative_relation_known",
            ),
        ),
        TrackChanges("Caregiver"),
        TrackChanges("RegisteredRelative"),
        TrackChanges("ContactRelative"),
    ]
