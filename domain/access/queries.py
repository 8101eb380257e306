"""The caller's standing, in as few queries as it takes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest
from django.utils import timezone

from domain.config.queries import keep_areas, switched_areas
from domain.core.prepared import Prepared
from domain.core.scope import EVERYWHERE, Held, Scope, Support
from domain.identity.models import SupportAccessGrant, User, UserSession
from domain.identity.sessions import InvalidTokenError, live_sessions, named_session
from tenants.db import connection
from tenants.routing import Question, Row

from .choices import SCOPED
from .models import AssociationShare, RoleAssignment
from .roles import PERMISSIONS, SHARED, support_permissions


def scope_for(user, *, is_member: bool = True) -> Scope:
    """The scope of a user in the organisation that is selected; an anonymous one's for anyone else.

    One query: what a role may do is the role table, which the groups in the database follow.
    """
    if user is None or not user.is_authenticated or not is_member:
        return Scope(schema_name=connection.schema_name)
    support = support_here(user)
    if support is not None:
        return _support_scope(user.pk, support)
    standing = _with_standing(User.objects.filter(pk=user.pk), "pk")
    return _scope(user.pk, *standing.values_list("roles_here", "permissions_here", "shares_here").get())


def session_and_scope(token: str, row: Row | None = None) -> tuple[UserSession, Scope]:
    """The live session of an access token, its user, and the user's scope here: one query in all.

    It also asks which areas are in use, which most requests want to know.

    None where `row` is what `standing_question` got for this request. Raises InvalidTokenError as
    `domain.identity.sessions.session_for` does.
    """
    if row is not None:
        session = _STANDING.instance(_standing_key(), row)
    else:
        session = _STANDING.first(_standing_key(), _standing_values(*named_session(token)))
    if session is None:
        raise InvalidTokenError
    keep_areas(session.areas_here)
    if session.grant_here is not None:
        return session, _support_scope(session.user_id, support_of(session.grant_here))
    here = session.roles_here, session.permissions_here, session.shares_here
    return session, _scope(session.user_id, *here)


def standing_question(request: HttpRequest) -> Question | None:
    """The query of `session_and_scope`, to go with the statement that selects the organisation.

    For `tenants.middleware.ask_along`; None where a request names no session.
    """
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token.isascii():
        return None
    try:
        named = named_session(token.strip())
    except InvalidTokenError:
        return None
    return lambda: _STANDING.ask(_standing_key(), _standing_values(*named))


def _standing_key() -> tuple:
    # Which organisation is selected and which roles hold today are written into the SQL.
    return connection.schema_name, timezone.localdate()


def _standing_values(session_id: UUID, organization_id: UUID) -> dict[str, Any]:
    return {"session": session_id, "organization": organization_id, "now": timezone.now()}


_SESSION, _ORGANIZATION = uuid4(), uuid4()


def _mark(value: Any) -> str | None:
    if isinstance(value, datetime):
        return "now"
    return (
        {_SESSION: "session", _ORGANIZATION: "organization"}.get(value) if isinstance(value, UUID) else None
    )


_STANDING = Prepared(
    "session and scope",
    lambda: _with_standing(
        live_sessions().filter(pk=_SESSION, organization_id=_ORGANIZATION).order_by(), "user_id"
    ).annotate(areas_here=switched_areas()),
    _mark,
)


def support_here(user: User) -> Support | None:
    """The support access by which somebody is in the organisation that is selected; None for its members.

    A query for the platform's support alone. Nobody asks for it as a member; whoever becomes one meanwhile
    has the access they were let in with until it ends.
    """
    if not user.may_support or connection.schema_name == settings.PLATFORM_SCHEMA:
        return None
    grant = SupportAccessGrant.objects.in_force().filter(
        requested_by=user, organization__schema_name=connection.schema_name
    )
    terms = grant.as_json().first()
    return support_of(terms["terms"]) if terms is not None else None


def support_of(terms: Mapping[str, Any]) -> Support:
    """What `SupportAccessGrantQuerySet.as_json` gives."""
    return Support(
        grant_id=UUID(terms["id"]),
        areas=tuple(terms["areas"]),
        access=terms["access"],
        ends_at=datetime.fromisoformat(terms["ends_at"]),
    )


def _support_scope(user_id: UUID, support: Support) -> Scope:
    permissions = support_permissions(support.areas, write=support.may_write)
    return Scope(
        schema_name=connection.schema_name,
        user_id=user_id,
        permissions=permissions,
        held=(Held("", permissions),),
        support=support,
    )


def _with_standing(queryset: QuerySet, user_column: str) -> QuerySet:
    """Adds the roles that hold today, each with where, and what is given beside them: single permissions,
    and the paths of what was shared with the person for a time."""
    roles = RoleAssignment.objects.filter(user=OuterRef(user_column)).holding()
    text = TextField()
    place = Coalesce("local_association__path", Value(EVERYWHERE, text))
    single = Permission.objects.filter(userpermission__user=OuterRef(user_column)).annotate(
        full_name=Concat(F("content_type__app_label"), Value("."), F("codename"))
    )
    shares = AssociationShare.objects.filter(user=OuterRef(user_column)).holding()
    return queryset.annotate(
        roles_here=ArraySubquery(
            roles.annotate(held=Concat(Cast("role", text), Value(" ", text), place))
            .order_by()
            .values_list("held")
        ),
        permissions_here=ArraySubquery(single.values_list("full_name")),
        shares_here=ArraySubquery(shares.order_by().values_list("content_object__path")),
    )


def _scope(user_id, roles: Iterable[str], single_permissions: Iterable[str], shares: Iterable[str]) -> Scope:
    held = []
    for text in sorted(set(roles)):
        role, _space, path = text.partition(" ")
        held.append(Held(role, PERMISSIONS[role], path))
    if single_permissions:
        held.append(Held("", frozenset(single_permissions)))
    held += [Held("", SHARED, path) for path in sorted(set(shares))]
    return Scope(
        schema_name=connection.schema_name,
        user_id=user_id,
        roles=frozenset(one.role for one in held if one.role),
        permissions=frozenset().union(*(one.permissions for one in held)),
        is_member=True,
        held=tuple(held),
    )


def has_power(person: Any) -> bool:
    """Whether a person has a role today that only the whole organisation gives: administrators and such."""
    return RoleAssignment.objects.filter(user=person).holding().exclude(role__in=SCOPED).exists()
