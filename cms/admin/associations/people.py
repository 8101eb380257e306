"""Which people a form may offer: those of the organisation whom the caller's role reaches."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from cms.admin.scoped import row_scopes
from domain.associations.models import VIEW_MEMBERSHIPS, LocalAssociationMembership
from domain.core.scope import EVERYWHERE, Scope
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from tenants.db import connection


def people_in(queryset: QuerySet, scope: Scope) -> QuerySet:
    """Active members of the organisation; below the top those of the chapters one may see members of."""
    member = Membership.objects.filter(
        user=OuterRef("pk"),
        organization__schema_name=connection.schema_name,
        status=MembershipStatus.ACTIVE,
    )
    people = queryset.filter(Exists(member))
    if EVERYWHERE in scope.reach(VIEW_MEMBERSHIPS):
        return people
    near = LocalAssociationMembership.objects.current().filter(
        scope.within(VIEW_MEMBERSHIPS, "association__path"), user=OuterRef("pk")
    )
    return people.filter(Q(pk=scope.user_id) | Exists(near))


row_scopes.setdefault(User, people_in)
