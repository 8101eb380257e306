"""Words that stand in the rows of one organisation (or region) alone: where else they are met, it leaks."""

from typing import Any

from django.db import models

from domain.config.models import TerminologyOverride
from tenants.db import connection
from tenants.models import Organization

# Kind of row → the columns of text that people write.
WRITTEN = {
    "faq": ("question", "answer"),
    "faq-category": ("name",),
    "link": ("title", "description"),
    "link-category": ("name",),
    "card": ("title", "prompt"),
    "deck": ("name", "description"),
    "image": ("title",),
    "document": ("title",),
    "collection": ("name",),
    "workflow": ("name",),
    "task": ("name",),
    "association": ("name",),
    "membership": ("display_title",),
    "share": ("reason",),
    "invitation": ("last_name", "message"),
    "grant": ("reason",),
    "session": ("device_name",),
    "passkey": ("name",),
    "booking": ("name", "message"),
    "import": ("file_name",),
    "audit-export": ("step",),
}


def plant(rows: dict[str, Any], mark: str) -> None:
    """Write the mark into every text of the rows, past the rules, in the organisation that is selected."""
    for kind, names in WRITTEN.items():
        if kind in rows:
            write(rows[kind], dict.fromkeys(names, f"{mark} {kind}"))
    write(rows["person"], {"last_name": mark, "phone": ""})
    for kind in ("faq", "link", "card"):
        rows[kind].refresh_from_db()
        # Revisions keep a copy of the whole row.
        rows[kind].save_revision()
        rows[f"{kind}-revision"] = rows[kind].latest_revision
    TerminologyOverride.objects.update_or_create(
        term="peer_mentor", locale="nb", defaults={"singular": f"{mark} term", "plural": f"{mark} terms"}
    )


def plant_in_branding(organization: Organization, mark: str) -> None:
    """Who writes to the organisation learns its address; nobody in another organisation does."""
    write(organization, {"contact_email": f"{mark.lower()}@canary.example"})


def write(row: models.Model, values: dict[str, Any]) -> None:
    # As owner: what no rule writes, an organisation's role may not.
    with connection.as_owner():
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        row.refresh_from_db()
