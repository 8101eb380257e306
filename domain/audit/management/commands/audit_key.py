from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from domain.audit import keys


class Command(BaseCommand):
    help = (
        "Show the public keys that verify the audit record; with --rotate, sign with a new key from now on."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--rotate", action="store_true", help="make a new key; the old private one is destroyed"
        )

    def handle(self, *args, **options):
        if options["rotate"]:
            try:
                old, new = keys.rotate()
            except ImproperlyConfigured as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{old} signed until now, {new} from now on. Restart the worker.")
        current = keys.key_id(keys.public_bytes(keys.signing_key()))
        for identity, public in keys.public_keys().items():
            mark = "  (signs now)" if identity == current else ""
            self.stdout.write(f"{identity}  {public.hex()}{mark}")
