from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    name = "domain.assignments"
    label = "assignments"

    def ready(self):
        from domain.associations.rules import merge_steps
        from domain.identity.erasing import erased_with_person
        from domain.identity.erasing import erasure_steps as person_steps
        from domain.people import merging, timeline
        from domain.people.erasing import erasure_steps as contact_steps

        from . import jobs, words  # noqa: F401 - register the jobs, and what the record calls things
        from .erasing import forget_contact, forget_person, hand_over_assignments
        from .timeline import assignment_moments

        merge_steps.append(hand_over_assignments)
        merging.links.append(merging.Link("assignments.Assignment"))
        contact_steps.append(forget_contact)
        person_steps.append(forget_person)
        erased_with_person.add("assignments.HonorariumCrossing")
        timeline.sources.append(assignment_moments)
