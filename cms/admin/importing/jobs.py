"""Large imports, and files that nobody came back for."""

from django.utils.translation import gettext_lazy as _

from tenants.jobs import JobContext, job
from tenants.schedules import active_organizations, every

from . import background, whole
from .staging import sweep


@every(minutes=24 * 60, due=active_organizations)
@job("imports.sweep", title=_("Throw away files of unfinished imports"), keep=False)
def sweep_imports(context: JobContext) -> dict[str, int]:
    """Delete what was uploaded more than a day ago and never carried out; and old ledgers."""
    background.forget_old()
    return {"deleted": sweep(keep=background.in_use())}


@job(background.CHECK, title=_("Look through a file to import"), atomic=False)
def check_import(context: JobContext, token: str) -> dict[str, int]:
    """Say what would become of each row of a large file."""
    return background.check(token, context.progress)


@job(background.WRITE, title=_("Import a large file"), atomic=False)
def write_import(context: JobContext, token: str) -> dict[str, int]:
    """Write the rows of a large file, as far as time allows; the rest is done by the next run."""
    return background.write(token, context.organization, context.progress)


@job(whole.LOOK, title=_("Look through a register to import"), atomic=False)
def look_through(context: JobContext, kind: str, token: str, by: str, file_name: str) -> dict[str, int]:
    """Say what would become of each row of a long register."""
    return whole.look(kind=kind, token=token, by=by, progress=context.progress)


@job(whole.CARRY_OUT, title=_("Import a register"))
def carry_out_import(context: JobContext, kind: str, token: str, by: str, file_name: str) -> dict[str, int]:
    """Write a long register, all its good rows or none."""
    return whole.carry_out(kind=kind, token=token, by=by, file_name=file_name)
