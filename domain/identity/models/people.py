"""People and the organisations they belong to."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, Permission, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, Func, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.core.models import Entity
from domain.core.names import (
    LONGEST_KEY,
    NameSearchField,
    beginning_with,
    person_key,
    search_text,
    words_in,
)
from domain.core.scope import EVERYWHERE, Scope
from domain.identity.choices import MembershipStatus, PlatformRole
from domain.identity.emails import canonical
from tenants.db import connection
from tenants.fields import Xid8Field, uuid7
from tenants.models import LANGUAGE_CODES, Organization

VIEW_MEMBERSHIP = "identity.view_membership"
# What the columns of a person's name are made of, and the columns.
NAMED_BY = frozenset({"first_name", "last_name", "email"})
NAME_COLUMNS = ("name_key", "name_search")

# Whoever of the platform's staff may be let into an organisation for a while.
STAFF_ROLES = (PlatformRole.SUPPORT, PlatformRole.OWNER)


# Whoever answers for a part of the organisation, to those who belong there.
LEADING = ("coordinator", "org_admin")


class PersonWords(Func):
    """The words a person is found by (migration 0011): of the names; and the address after an @, for whoever
    may look for addresses.
    """

    template = (
        "array_to_tsvector(array_remove(string_to_array("
        "translate(name_search, E'\\n', ' ') || ' @' || lower(coalesce(email, '')), ' '), ''))"
    )
    output_field = models.TextField()


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, scope: Scope) -> Self:
        """Oneself, people whose membership one may see, and those one works with."""
        seen = Q(pk__in=Membership.objects.visible_to(scope).order_by().values("user"))
        if scope.is_member and scope.user_id is not None and EVERYWHERE not in scope.reach(VIEW_MEMBERSHIP):
            seen |= Q(pk__in=User.objects.working_with(scope).order_by().values("pk"))
        return self.filter(seen)

    def working_with(self, scope: Scope) -> Self:
        """Active members with a role today that brings them together with the caller.

        Coordinators and administrators of a place where the caller belongs or has a role (of the whole
        organisation: to everyone), and whoever has a role at exactly such a place. Their names are for the
        caller to know; how to reach them is not, by this alone.
        """
        today = timezone.localdate()
        # Names of relations of later areas: their tables are in the organisation's schema.
        role, place = "role_assignments__", "role_assignments__local_association__path"
        belongs, own = "association_memberships__", "association_memberships__association__path"
        mine = User.objects.filter(
            Q(**{f"{belongs}valid_to__isnull": True}) | Q(**{f"{belongs}valid_to__gte": today}),
            **{"pk": scope.user_id, f"{belongs}valid_from__lte": today},
        ).order_by()
        held = {one.path for one in scope.held if one.role and one.path != EVERYWHERE}
        covers = Q(**{f"{role}local_association__isnull": True})
        covers |= Q(**{f"{place}__in": sorted({above for path in held for above in _at_and_above(path)})})
        covers |= Q(Exists(mine.filter(**{f"{own}__startswith": OuterRef(place)})))
        beside = Q(**{f"{place}__in": sorted(held)}) | Q(**{f"{place}__in": mine.values(own)})
        holds = Q(**{f"{role}valid_to__isnull": True}) | Q(**{f"{role}valid_to__gte": today})
        begun = {f"{role}valid_from__lte": today}
        # Two questions, not one with an "or": the first then looks at the few who lead alone.
        leading = User.objects.filter(covers, holds, **begun, **{f"{role}role__in": LEADING})
        fellows = User.objects.filter(beside, holds, **begun)
        here = Membership.objects.here().filter(status=MembershipStatus.ACTIVE)
        return self.filter(
            Q(pk__in=leading.order_by().values("pk")) | Q(pk__in=fellows.order_by().values("pk")),
            is_active=True,
            pk__in=here.order_by().values("user"),
        )


def _at_and_above(path: str) -> list[str]:
    """The paths of an association and of those above it: "/1/17/" gives "/1/" and "/1/17/"."""
    nodes = path.strip("/").split("/")
    return [f"/{'/'.join(nodes[: count + 1])}/" for count in range(len(nodes))]


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username):
        """By the unique index on lower(email), as `domain.identity.lookup.people_with`."""
        try:
            return self.alias(login=Lower("email")).get(login=canonical(username))
        except ValidationError as error:
            raise User.DoesNotExist from error

    def create_user(self, email: str | None, password: str | None = None, **fields) -> "User":
        """A person; without a password they can't sign in by one."""
        user = self.model(email=email or None, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """One person, whatever organisations they belong to.

    `groups` and `user_permissions` go through tables of the *organisation's* schema (`domain.access`), so
    the same person has the groups of whichever organisation is selected.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(
        _("e-mail"),
        null=True,
        blank=True,
        help_text=_("The login. A volunteer who never signs in needs none."),
    )
    phone = models.CharField(_("phone"), max_length=16, blank=True, help_text=_("E.164, e.g. +4791234567."))
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    # Of the names, for ordering and finding (`name_it`); the address of who has no name. No `db_default`:
    # Django would ask for the value of a new row, which an organisation's role doesn't see yet.
    name_key = models.CharField(_("name"), max_length=LONGEST_KEY, editable=False, default="")
    name_search = NameSearchField(default="")
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGE_CODES, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    platform_role = models.CharField(
        _("platform role"), max_length=10, choices=PlatformRole, default=PlatformRole.NONE
    )
    # Kept because Wagtail filters by it; a constraint keeps it false, since it would open every organisation.
    is_superuser = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    # As of every `Entity`, set by the trigger; the person's own row has no `created_by`.
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    change_xid = Xid8Field(null=True, editable=False)
    groups = models.ManyToManyField(  # type: ignore[assignment]
        Group, through="access.UserGroup", blank=True, related_name="user_set", related_query_name="user"
    )
    user_permissions = models.ManyToManyField(  # type: ignore[assignment]
        Permission,
        through="access.UserPermission",
        blank=True,
        related_name="user_set",
        related_query_name="user",
    )

    # Who reads a person goes on the record.
    audit_subjects: ClassVar[tuple[str, ...]] = ("id",)
    audit_label: ClassVar[tuple[str, ...]] = ("first_name", "last_name")

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name_key", "id"]
        indexes = [
            models.Index(fields=["name_key", "id"], name="user_by_name"),
            GinIndex(PersonWords(), name="user_by_words"),
        ]
        constraints = [
            models.CheckConstraint(name="user_never_superuser", condition=Q(is_superuser=False)),
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(name="user_email_not_empty", condition=~Q(email="")),
            models.CheckConstraint(
                name="user_phone_e164", condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$")
            ),
        ]

    def __str__(self):
        return self.get_full_name() or self.email or str(self.pk)

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.get_full_name()

    def clean_fields(self, exclude=None):
        self._spell_email()
        super().clean_fields(exclude)

    def save(self, *args, **kwargs):
        """Raises ValidationError for what is no e-mail address, whoever saves."""
        self._spell_email()
        fields = kwargs.get("update_fields")
        if fields is None or NAMED_BY & set(fields):
            self.name_it()
            kwargs["update_fields"] = fields and {*fields, *NAME_COLUMNS}
        super().save(*args, **kwargs)

    @classmethod
    def found_by(cls, column: str, word: str) -> Func | None:
        """Whom the organisation knows with a name, or an address, that begins so: their keys, as an array.

        By a function of the database (migration 0011): the policy of this table lets no index of words be
        used. None for other columns.
        """
        if column == "name_search":
            wanted = words_in(word)
        elif column == "email":
            wanted = [f"@{word.lower()}"]
        else:
            return None
        return Func(
            Value(beginning_with(wanted)),
            template="ARRAY(SELECT public.meander_people_found(%(expressions)s::tsquery))",
            output_field=models.TextField(),
        )

    def name_it(self) -> None:
        """Bring what the person is ordered and found by into step with the names; `save` does."""
        self.name_key = person_key(self.first_name, self.last_name, self.email or "")
        self.name_search = search_text(self.first_name, self.last_name)

    def _spell_email(self) -> None:
        try:
            self.email = canonical(self.email) if self.email else None
        except ValidationError as error:
            raise ValidationError({"email": error}) from error

    @property
    def may_support(self) -> bool:
        """Whether organisations may let them in for a while; a grant does, this alone nothing."""
        return self.is_active and self.platform_role in STAFF_ROLES

    @property
    def is_platform_staff(self) -> bool:
        return self.is_active and self.platform_role != PlatformRole.NONE


class MembershipQuerySet(models.QuerySet["Membership"]):
    def here(self) -> Self:
        """Those of the organisation whose schema is selected."""
        return self.filter(organization__schema_name=connection.schema_name)

    def visible_to(self, scope: Scope) -> Self:
        """One's own, and of people who belong, or have a role, where the caller may see members.

        Roles and local memberships that haven't begun yet count, those that are over don't.
        """
        if not scope.is_inside or scope.schema_name != connection.schema_name:
            return self.none()
        if EVERYWHERE in scope.reach(VIEW_MEMBERSHIP):
            return self.here()
        today = timezone.localdate()
        near = Q(user_id=scope.user_id)
        for lookup, place in (
            ("association_memberships", "association"),
            ("role_assignments", "local_association"),
        ):
            reached = User.objects.filter(
                scope.within(VIEW_MEMBERSHIP, f"{lookup}__{place}__path"),
                Q(**{f"{lookup}__valid_to__isnull": True}) | Q(**{f"{lookup}__valid_to__gte": today}),
            )
            near |= Q(user__in=reached.order_by().values("pk"))
        return self.here().filter(near)


class Membership(Entity):
    """That a person belongs to an organisation: the only way in.

    `roles_summary` and `reach_summary` mirror the roles of today (`domain.access`) for the organisation
    picker, which must not look into other schemas; nothing is decided by them.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    status = models.CharField(
        _("status"), max_length=10, choices=MembershipStatus, default=MembershipStatus.ACTIVE
    )
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    display_title = models.CharField(
        _("title"), max_length=100, blank=True, help_text=_("As colleagues know it: “Leader of the chapter”.")
    )
    external_reference = models.CharField(
        _("member number"), max_length=64, blank=True, help_text=_("The key of an import.")
    )
    roles_summary = models.JSONField(default=list, blank=True, editable=False)
    reach_summary = models.CharField(max_length=300, blank=True, editable=False)

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    objects = models.Manager.from_queryset(MembershipQuerySet)()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(name="membership_once", fields=["user", "organization"]),
            models.UniqueConstraint(
                name="membership_reference_once",
                fields=["organization", "external_reference"],
                condition=~Q(external_reference=""),
            ),
            models.CheckConstraint(
                name="membership_left_has_date",
                condition=Q(left_at__isnull=False) | ~Q(status=MembershipStatus.LEFT),
            ),
        ]

    def __str__(self):
        return str(self.user)
