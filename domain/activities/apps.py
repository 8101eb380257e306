from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "domain.activities"
    label = "activities"

    def ready(self):
        from domain.associations.rules import merge_steps
        from domain.files.registry import register_owner
        from domain.people import erasing, exporting, merging, timeline
        from tenants.provisioning import default_steps

        from . import follow_up_jobs, jobs, words  # noqa: F401 - register the jobs, and the record's words
        from .defaults import create_defaults
        from .models import ActivityAttachment, ActivityDocument
        from .people import contact_moments, export_part, forget_contact
        from .rules import hand_over_activities

        default_steps.append(create_defaults)
        merge_steps.append(hand_over_activities)
        merging.links.append(merging.Link("activities.ActivityContact"))
        erasing.erasure_steps.append(forget_contact)
        exporting.export_parts.append(export_part)
        timeline.sources.append(contact_moments)
        register_owner(ActivityAttachment)
        register_owner(ActivityDocument)
