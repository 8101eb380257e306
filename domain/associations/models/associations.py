"""Local associations (chapters): a tree, and who belongs where. Roles are scoped by the paths of the tree."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.associations.choices import COUNTIES, AssociationKind
from domain.config.terminology import term_lazy
from domain.core.models import Entity, SchemaBound
from domain.core.names import LONGEST_KEY, NameSearchField, WordsOf, search_text, sort_key
from domain.core.scope import Scope
from tenants.fields import uuid7
from tenants.models import validate_organization_number

VIEW = "associations.view_localassociation"
ADD = "associations.add_localassociation"
CHANGE = "associations.change_localassociation"
VIEW_MEMBERSHIPS = "associations.view_localassociationmembership"
ADD_MEMBERSHIP = "associations.add_localassociationmembership"
CHANGE_MEMBERSHIP = "associations.change_localassociationmembership"
NAME_COLUMNS = ("name_key", "name_search")


class LocalAssociationQuerySet(models.QuerySet["LocalAssociation"]):
    def visible_to(self, scope: Scope) -> Self:
        """Every member reads all local associations of the organisation; support that was let see them."""
        return self.all() if scope.is_member or scope.can(VIEW) else self.none()

    def changeable_by(self, scope: Scope, permission: str = CHANGE) -> Self:
        """Those at or below the places where the permission holds."""
        return self.visible_to(scope).filter(scope.within(permission, "path"))

    def active(self) -> Self:
        return self.filter(is_active=True)

    def below(self, path: str) -> Self:
        """The association at the path and everything below it."""
        return self.filter(path__startswith=path)

    def in_tree_order(self) -> Self:
        return self.order_by("path")


class LocalAssociation(Entity):
    """A chapter, region or branch of the organisation; often a legal entity of its own.

    `node` is a short number that the database gives, never used twice; `path` is made of the nodes from the
    root down ("/1/17/204/") and kept right by triggers, whoever changes `parent` and however many rows hang
    below (migration 0002). Rows are never deleted: an association is deactivated, or merged into another
    (`merged_into`), whereupon it stays as an alias.
    """

    name = models.CharField(_("name"), max_length=200)
    # Of the name, for ordering and finding (`name_it`).
    name_key = models.CharField(max_length=LONGEST_KEY, editable=False)
    name_search = NameSearchField(db_default="")
    number = models.CharField(
        _("number"),
        max_length=20,
        validators=[RegexValidator(r"^[0-9A-Za-zÆØÅæøå][0-9A-Za-zÆØÅæøå./-]*\Z")],
        help_text=_("The organisation's own number for it: no two have the same."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=AssociationKind, default=AssociationKind.LOCAL)
    organization_number = models.CharField(
        _("organisation number"),
        max_length=9,
        blank=True,
        validators=[validate_organization_number],
        help_text=_("Nine digits from the Brønnøysund registers, if it is a legal entity of its own."),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    node = models.PositiveIntegerField(unique=True, null=True, editable=False)
    path = models.TextField(editable=False, default="")
    paying_entity = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="pays_for",
        verbose_name=_("paid by"),
        help_text=_("Whose accounts its expenses go to; empty: its own."),
    )
    account_dimension = models.CharField(
        _("account dimension"),
        max_length=20,
        blank=True,
        help_text=_("Its code in the accounting system, for example department or project."),
    )
    municipality = models.CharField(
        _("municipality"),
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{4}\Z", _("A municipality has a number of four digits."))],
        help_text=_("Four digits, for example 0301 for Oslo."),
    )
    county = models.CharField(_("county"), max_length=2, blank=True, choices=tuple(COUNTIES.items()))
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="aliases",
        verbose_name=_("merged into"),
    )

    objects = models.Manager.from_queryset(LocalAssociationQuerySet)()

    class Meta:
        verbose_name = term_lazy("local_association")
        verbose_name_plural = term_lazy("local_association", "plural")
        # What `domain.access` shares with one more person for a time.
        permissions = [("see_members", "Can see who belongs to a local association")]
        ordering = ["name_key", "number"]
        indexes = [
            models.Index(fields=["path"], name="association_path", opclasses=["text_pattern_ops"]),
            models.Index(fields=["name_key"], name="association_name"),
            GinIndex(WordsOf(F("name_search")), name="association_by_words"),
            models.Index(fields=["county", "kind"], name="association_county"),
        ]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("number"),
                name="association_number_unique",
                violation_error_message=_("Another local association has this number."),
            ),
            models.UniqueConstraint(
                fields=["organization_number"],
                condition=~Q(organization_number="") & Q(merged_into__isnull=True),
                name="association_legal_entity_once",
                violation_error_message=_("Another local association has this organisation number."),
            ),
            models.CheckConstraint(name="association_has_name", condition=~Q(name="") & ~Q(number="")),
            models.CheckConstraint(
                name="association_kind_known", condition=Q(kind__in=AssociationKind.values)
            ),
            models.CheckConstraint(
                name="association_organization_number",
                condition=Q(organization_number="") | Q(organization_number__regex=r"^[0-9]{9}$"),
            ),
            models.CheckConstraint(
                name="association_municipality",
                condition=Q(municipality="") | Q(municipality__regex=r"^[0-9]{4}$"),
            ),
            models.CheckConstraint(
                name="association_county", condition=Q(county="") | Q(county__regex=r"^[0-9]{2}$")
            ),
            models.CheckConstraint(name="association_path_form", condition=Q(path__regex=r"^/([0-9]+/)+$")),
            models.CheckConstraint(
                name="association_alias_is_closed",
                condition=Q(merged_into__isnull=True) | (Q(is_active=False) & ~Q(merged_into=F("id"))),
            ),
            models.CheckConstraint(name="association_paid_by_another", condition=~Q(paying_entity=F("id"))),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        fields = kwargs.get("update_fields")
        if fields is None or "name" in fields:
            self.name_it()
            kwargs["update_fields"] = fields and {*fields, *NAME_COLUMNS}
        super().save(*args, **kwargs)
        # Given by the triggers.
        self.node, self.path = type(self)._base_manager.values_list("node", "path").get(pk=self.pk)

    def name_it(self) -> None:
        """Bring what the name is ordered and found by into step with it; `save` does."""
        self.name_key, self.name_search = sort_key(self.name), search_text(self.name)

    @property
    def depth(self) -> int:
        """0 for a root."""
        return max(0, self.path.count("/") - 2)

    @property
    def county_name(self) -> str:
        return COUNTIES.get(self.county, self.county)

    @property
    def parent_number(self) -> str:
        return self.parent.number if self.parent else ""

    @property
    def paying_entity_number(self) -> str:
        return self.paying_entity.number if self.paying_entity else ""

    @property
    def payer(self) -> "LocalAssociation":
        """The one whose accounts its expenses go to."""
        return self.paying_entity or self


class LocalAssociationEdge(SchemaBound):
    """Below whom an association was, from day to day: the tree of any day can be built again.

    `valid_to` is the last day, empty for the present place; `parent` is empty for a root.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    association = models.ForeignKey(LocalAssociation, on_delete=models.CASCADE, related_name="places")
    parent = models.ForeignKey(LocalAssociation, on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True)

    class Meta:
        verbose_name = _("place in the tree")
        verbose_name_plural = _("places in the tree")
        ordering = ["valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["association"], condition=Q(valid_to__isnull=True), name="association_one_place"
            ),
            models.UniqueConstraint(fields=["association", "valid_from"], name="association_place_per_day"),
            models.CheckConstraint(
                name="association_place_period",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="association_place_no_loop",
                condition=Q(parent__isnull=True) | ~Q(parent=F("association")),
            ),
        ]

    def __str__(self):
        return f"{self.association_id} {self.valid_from}"


class LocalMembershipQuerySet(models.QuerySet["LocalAssociationMembership"]):
    def visible_to(self, scope: Scope) -> Self:
        """One's own; those of the associations where one may see memberships."""
        if not scope.is_inside:
            return self.none()
        reach = scope.within(VIEW_MEMBERSHIPS, "association__path")
        return self.filter(Q(user=scope.user_id) | reach) if reach else self.all()

    def current(self) -> Self:
        """Those that hold today, also where the last day is known already."""
        today = timezone.localdate()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), valid_from__lte=today)


class LocalAssociationMembership(Entity):
    """That a person belongs to a local association, from one day to another.

    At most as many at once as the organisation's settings say, and each association once at a time
    (triggers, migration 0002). Of a person's memberships one is the primary one.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="association_memberships",
        verbose_name=_("person"),
    )
    association = models.ForeignKey(
        LocalAssociation,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=term_lazy("local_association"),
    )
    is_primary = models.BooleanField(_("primary"), default=False)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True, help_text=_("The last day."))

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = models.Manager.from_queryset(LocalMembershipQuerySet)()

    class Meta:
        verbose_name = _("membership of a local association")
        verbose_name_plural = _("memberships of local associations")
        ordering = ["-is_primary", "valid_from"]
        indexes = [models.Index(fields=["user", "valid_to"], name="local_membership_of_user")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_primary=True), name="local_membership_one_primary"
            ),
            models.UniqueConstraint(
                fields=["user", "association"],
                condition=Q(valid_to__isnull=True),
                name="local_membership_once",
            ),
            models.CheckConstraint(
                name="local_membership_period",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self):
        return f"{self.user} – {self.association}"

    def holds_on(self, day) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
