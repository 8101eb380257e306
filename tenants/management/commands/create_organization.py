"""Provision an organisation from the template."""

import time

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from tenants.models import LANGUAGE_CODES
from tenants.provisioning import NewOrganization, create_organization


class Command(BaseCommand):
    help = "Makes an organisation, ready for use, or nothing at all. Prints its host and the seconds it took."

    def add_arguments(self, parser):
        parser.add_argument("schema_name", help="1 to 40 of a–z, 0–9 and _, beginning with a letter.")
        parser.add_argument("host", help="The host name it answers on, without port.")
        parser.add_argument("--name", required=True)
        parser.add_argument("--short-name", default="", help="At most 40 characters (default: the name).")
        parser.add_argument("--slug", default="", help="Default: the schema name, with hyphens.")
        parser.add_argument("--organization-number", default="", help="Nine digits.")
        parser.add_argument("--contact-email", default="")
        parser.add_argument("--language", default="nb", choices=[code for code, _ in LANGUAGE_CODES])
        parser.add_argument("--brand-color", default="#1f4e5f")
        parser.add_argument(
            "--listed", action="store_true", help="It agreed to be shown in the app's organisation picker."
        )

    def handle(self, *args, **options):
        new = NewOrganization(
            schema_name=options["schema_name"],
            host=options["host"],
            name=options["name"],
            short_name=options["short_name"] or options["name"],
            slug=options["slug"],
            organization_number=options["organization_number"],
            contact_email=options["contact_email"],
            default_language=options["language"],
            brand_color=options["brand_color"],
            is_listed=options["listed"],
        )

        def progress(percent: int, step: str) -> None:
            if options["verbosity"] > 1:
                self.stdout.write(f"{percent:3} %  {step}")

        begin = time.perf_counter()
        try:
            organization = create_organization(new, progress=progress)
        except ValidationError as error:
            raise CommandError("\n".join(_sentences(error))) from error
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{organization.primary_host} is ready after {time.perf_counter() - begin:.2f} s.")


def _sentences(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [
        message if field == "__all__" else f"{field}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    ]
