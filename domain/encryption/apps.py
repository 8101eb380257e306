from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EncryptionConfig(AppConfig):
    name = "domain.encryption"
    label = "encryption"

    def ready(self):
        from django.core.checks import Tags, register
        from django.db.models.signals import post_delete

        from domain.audit import actions, entities
        from tenants import dumps, restore
        from tenants.provisioning import default_steps

        from . import restoring, rules, settings_check
        from .defaults import create_defaults
        from .models import OrganizationKey, RecordKey

        default_steps.append(create_defaults)
        dumps.key_tables += [OrganizationKey._meta.db_table, RecordKey._meta.db_table]
        restore.key_steps.append(restoring.bury_destroyed)
        post_delete.connect(rules.bury_with_row, dispatch_uid="encryption.bury_with_row")
        register(settings_check.master_keys_are_readable, Tags.security)
        # Which key a row has says nothing to whoever reads the record.
        entities.BASE_COLUMNS.add("record_key")
        actions.register(
            nouns={
                "organization-key": _("the encryption key of the organisation"),
                "sealed-content": _("the encrypted content of"),
            },
            verbs={
                "shredded": _("%(who)s destroyed %(what)s for ever"),
                "rewrapped": _("%(who)s put %(what)s under another master key"),
                "rotated": _("%(who)s replaced %(what)s by a new one"),
            },
            sentences={
                "sealed-content.refused": _(
                    "%(who)s was refused encrypted content that isn't where it was written: %(label)s"
                ),
            },
        )
