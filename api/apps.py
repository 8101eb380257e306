from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self):
        from domain.identity.erasing import erasure_steps
        from domain.people.erasing import forgetters

        from .core.idempotency import forget_answers_about

        # Answers that are kept to be sent again name people.
        forgetters.append(lambda key: forget_answers_about([key]))
        erasure_steps.append(lambda person: forget_answers_about([person.pk]))
