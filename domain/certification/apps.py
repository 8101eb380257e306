from django.apps import AppConfig


class CertificationConfig(AppConfig):
    name = "domain.certification"
    label = "certification"

    def ready(self):
        from domain.identity.erasing import erased_with_person
        from domain.people.mentoring import mentor_checks
        from tenants.provisioning import default_steps

        from . import jobs, words  # noqa: F401 - register the jobs, and what the record calls things
        from .defaults import create_defaults
        from .standing import check_mentor

        default_steps.append(create_defaults)
        mentor_checks.append(check_mentor)
        erased_with_person.update(
            [
                "certification.MentorCertification",
                "certification.MentorStatus",
                "certification.ConfidentialityDeclaration",
            ]
        )
