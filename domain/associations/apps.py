from django.apps import AppConfig


class AssociationsConfig(AppConfig):
    name = "domain.associations"
    label = "associations"

    def ready(self):
        from django.utils.translation import gettext_lazy as _

        from domain.audit.actions import register
        from domain.identity.erasing import erased_with_person

        erased_with_person.add("associations.MentorLocation")
        register(
            nouns={
                "mentor-location": _("the position of"),
                "mentorlocation": _("the position of"),
                "municipality-position": _("the position of the municipality"),
                "municipalityposition": _("the position of the municipality"),
            },
            verbs={},
            sentences={
                "mentor-location.set": _("%(who)s noted where %(label)s is"),
                "mentor-location.withdrawn": _("%(who)s withdrew the position of %(label)s"),
                "mentor-location.protected": _("%(who)s decided that no position is kept of %(label)s"),
            },
        )
