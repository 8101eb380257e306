"""Who may do what with images and documents: also those whom a support access grant lets in.

Wagtail asks the groups of a person, per collection. Support is in no group: what its grant opens, it opens in
all collections.
"""

from django.contrib.auth.models import Permission
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, GroupCollectionPermission
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permissions import policy_registry

from domain.access.queries import support_here
from domain.access.roles import support_permissions

# Wagtail's names of the permissions, and those of the role table.
_MODELS = {"image": "cms.{verb}_customimage", "document": "cms.{verb}_customdocument"}
_VERBS = ("add", "change", "delete", "choose")


class FilePolicy(CollectionOwnershipPermissionPolicy):
    """As in Wagtail; for support, as if it were in a group with what the grant opens."""

    def get_all_permissions_for_user(self, user):
        support = support_here(user) if user.is_active and user.is_authenticated else None
        if support is None:
            return super().get_all_permissions_for_user(user)
        given = support_permissions(support.areas, write=support.may_write)
        codenames = [
            f"{verb}_{model}"
            for model, name in _MODELS.items()
            for verb in _VERBS
            if name.format(verb=verb) in given
        ]
        if not codenames:
            return []
        root = Collection.get_first_root_node()
        permissions = Permission.objects.filter(
            content_type__app_label__in=["wagtailimages", "wagtaildocs"], codename__in=codenames
        )
        # Never saved: a key, for Wagtail puts them into a set.
        return [
            GroupCollectionPermission(pk=-each.pk, permission=each, collection=root) for each in permissions
        ]


def register_policies() -> None:
    """Put ours in the place of Wagtail's."""
    for model, name in (
        (get_image_model(), "wagtailimages.Image"),
        (get_document_model(), "wagtaildocs.Document"),
    ):
        policy = FilePolicy(model, auth_model=name, owner_field_name="uploaded_by_user")
        # For exactly this model: it goes before Wagtail's, whichever of the two is registered first.
        policy_registry.register(model, policy, exact_class=True)
