"""The page that shows how far a large import is. One may leave it and come back, from any browser."""

from typing import Any

from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cms.models.imports import ContentImport, ImportState

from . import background
from .base import ImportPage, ImportView

# How many of a person's imports the first page lists.
LISTED = 10


class LargeImport(ImportView):
    """Base: only for an import that is done in the background, and only for whoever began it."""

    @property
    def current(self) -> ContentImport:
        if self.large is None:
            raise Http404
        return self.large

    def state(self) -> dict[str, Any]:
        """What is being done, how far it is, and where the way goes on once it is done."""
        current = self.current
        stopped = background.stopped_because(current)
        following = {
            ImportState.CHECKED: "import_check",
            ImportState.DONE: "import_done",
        }.get(ImportState(current.state))
        return {
            "percent": background.percent_done(current),
            "text": stopped or said_of(current),
            "stopped": stopped is not None,
            "next": self.url(following, current.token) if following else "",
        }


def said_of(current: ContentImport) -> str:
    """How far it is, in a sentence."""
    if current.state == ImportState.WRITING:
        return _("%(done)d of %(all)d rows are done.") % {
            "done": background.written(current),
            "all": current.total,
        }
    if current.state == ImportState.CHECKING:
        run = background.run_of(current)
        return run.step if run and run.step else _("It begins in a moment.")
    return str(current.get_state_display())


class ProgressView(LargeImport, ImportPage):
    """Between the steps: how far it is; leads on when it is done. A POST goes on with what has stopped."""

    template_name = "importing/progress.html"

    @property
    def step(self) -> int:  # type: ignore[override]
        return 2 if self.current.state == ImportState.CHECKING else 3

    def get(self, request, *args, **kwargs):
        if following := self.state()["next"]:
            return redirect(following)
        return super().get(request, *args, **kwargs)

    def post(self, request, token: str):
        background.resume(self.current.token, request.tenant)
        return redirect(self.url("import_progress", token))

    def get_context_data(self, **kwargs):
        token = self.current.token
        return super().get_context_data(
            current=self.current,
            is_writing=self.current.state == ImportState.WRITING,
            state=self.state(),
            state_url=self.url("import_state", token),
            cancel_url=self.url("import_cancel", token),
            **kwargs,
        )


class StateView(LargeImport):
    """What the progress page asks for every few seconds."""

    def get(self, request, token: str):
        response = JsonResponse(self.state())
        response["Cache-Control"] = "no-store"
        return response


def listed(view: ImportView) -> list[dict[str, Any]]:
    """The person's large imports of this kind, the newest first, each with the page it has come to."""
    mine = ContentImport.objects.filter(kind=view.kind.key, user=view.request.user)  # type: ignore[misc]
    return [
        {
            "name": current.file_name,
            "at": current.created_at,
            "state": current.get_state_display(),
            "url": view.url("import_progress", current.token),
        }
        for current in mine[:LISTED]
    ]
