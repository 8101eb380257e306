"""Signing in: a person's password counts only in organisations they are an active member of, and where they
are let in for a while to help."""

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, Q

from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, SupportAccessGrant
from tenants.db import connection

from .models import RoleAssignment
from .queries import support_here
from .roles import support_permissions


class MembershipBackend(ModelBackend):
    """Password check, then: is this person an active member of the organisation that is selected?

    Or do they hold a support access grant of it at this moment; then that says what they may do.
    """

    def user_can_authenticate(self, user):
        return super().user_can_authenticate(user) and (
            is_active_member(user) or support_here(user) is not None
        )

    def get_user(self, user_id):
        # The admin's requests don't come here: cms.middleware.SignedInMiddleware asks for the session too.
        member = Membership.objects.filter(
            user=OuterRef("pk"),
            organization__schema_name=connection.schema_name,
            status=MembershipStatus.ACTIVE,
        )
        grant = SupportAccessGrant.objects.in_force().filter(
            requested_by=OuterRef("pk"), organization__schema_name=connection.schema_name
        )
        people = get_user_model()._default_manager.filter(pk=user_id, is_active=True)
        return people.filter(Q(Exists(member)) | Q(Exists(grant))).first()

    def _get_group_permissions(self, user_obj):
        support = support_here(user_obj)
        if support is not None:
            names = support_permissions(support.areas, write=support.may_write)
            wanted = Q(pk__in=())
            for name in names:
                app, codename = name.split(".")
                wanted |= Q(content_type__app_label=app, codename=codename)
            return Permission.objects.filter(wanted)
        # By the date, not by the groups that mirror it; the shared rows still say which permissions exist.
        roles = RoleAssignment.objects.filter(user=user_obj).holding().values_list("role")
        return Permission.objects.filter(group__name__in=roles)


def is_active_member(user) -> bool:
    """Whether the person is an active member of the organisation whose schema is selected."""
    return user.memberships.filter(
        organization__schema_name=connection.schema_name, status=MembershipStatus.ACTIVE
    ).exists()
