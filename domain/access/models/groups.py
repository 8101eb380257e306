"""Which of the fixed groups and permissions a person has *in this organisation*. Tenant tables."""

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import models


class UserGroup(models.Model):
    """Membership of a fixed group (a role) in this organisation."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING)
    group = models.ForeignKey(Group, on_delete=models.DO_NOTHING)

    class Meta:
        constraints = [models.UniqueConstraint(name="user_group_once", fields=["user", "group"])]

    def __str__(self):
        return f"{self.user_id} {self.group_id}"


class UserPermission(models.Model):
    """A single permission in this organisation, outside the roles."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING)
    permission = models.ForeignKey(Permission, on_delete=models.DO_NOTHING)

    class Meta:
        constraints = [models.UniqueConstraint(name="user_permission_once", fields=["user", "permission"])]

    def __str__(self):
        return f"{self.user_id} {self.permission_id}"
