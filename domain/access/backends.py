"""Signing in: a person's password counts only in organisations they are an active member of."""

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef

from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership
from tenants.db import connection

from .models import RoleAssignment


class MembershipBackend(ModelBackend):
    """Password check, then: is this person an active member of the organisation that is selected?"""

    def user_can_authenticate(self, user):
        return super().user_can_authenticate(user) and is_active_member(user)

    def get_user(self, user_id):
        # The admin's requests don't come here: cms.middleware.SignedInMiddleware asks for the session too.
        member = Membership.objects.filter(
            user=OuterRef("pk"),
            organization__schema_name=connection.schema_name,
            status=MembershipStatus.ACTIVE,
        )
        people = get_user_model()._default_manager.filter(Exists(member), pk=user_id, is_active=True)
        return people.first()

    def _get_group_permissions(self, user_obj):
        # By the date, not by the groups that mirror it; the shared rows still say which permissions exist.
        roles = RoleAssignment.objects.filter(user=user_obj).holding().values_list("role")
        return Permission.objects.filter(group__name__in=roles)


def is_active_member(user) -> bool:
    """Whether the person is an active member of the organisation whose schema is selected."""
    return user.memberships.filter(
        organization__schema_name=connection.schema_name, status=MembershipStatus.ACTIVE
    ).exists()
