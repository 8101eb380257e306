"""Files that nobody came back for."""

from django.utils.translation import gettext_lazy as _

from tenants.jobs import JobContext, job
from tenants.schedules import active_organizations, every

from .staging import sweep


@every(minutes=24 * 60, due=active_organizations)
@job("imports.sweep", title=_("Throw away files of unfinished imports"), keep=False)
def sweep_imports(context: JobContext) -> dict[str, int]:
    """Delete what was uploaded more than a day ago and never carried out."""
    return {"deleted": sweep()}
