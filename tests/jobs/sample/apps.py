from django.apps import AppConfig


class SampleConfig(AppConfig):
    """Jobs for the tests, and a worker that is quick to notice things."""

    name = "tests.jobs.sample"

    def ready(self):
        from datetime import timedelta

        from tenants import job_runner, worker

        worker.TICK_SECONDS = 0.5
        worker.GRACE_SECONDS = 1.0
        job_runner.DEAD_AFTER = timedelta(seconds=0.5)
        job_runner.PAUSES = (timedelta(seconds=0.1), timedelta(seconds=0.1))
