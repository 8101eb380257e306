"""`POST /api/v1/sync/push/`: what phones did while they were offline, each change once (docs/sync.md)."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from api.core.errors import Problem
from domain.sync.devices import DeviceEnded, note_call
from domain.sync.late import Leaver
from domain.sync.models import SyncDevice
from domain.sync.models.devices import LONGEST_DEVICE_ID
from domain.sync.receiving import CLOCK_TOLERANCE, Call, device_that_pushes

from .base import LateAuthentication, PhoneView
from .mutations import moment
from .parsing import PushParser
from .shapes import MOST_MUTATIONS, PushAnswerSerializer, PushSerializer
from .taking import Push


class PushView(PhoneView):
    """What a phone did while it was offline."""

    parser_classes = [PushParser]
    authentication_classes = [LateAuthentication]
    # Each change has an id of its own.
    stores_answers = False

    @extend_schema(
        operation_id="pushChanges",
        request=PushSerializer,
        responses=PushAnswerSerializer,
        tags=["Sync"],
        auth=[{"session": []}],  # type: ignore[list-item]
        summary="Hand in what was done offline: each change takes effect once, however often it is sent.",
        description="One result per change, in their order. One that is refused never keeps the others from "
        "being done: it waits in the inbox (`sync/inbox/`). What is `deferred` is to be sent again.",
    )
    def post(self, request, **path) -> Response:
        device_id, mutations = _envelope(request.data)
        leaver = self.leaver
        if leaver is None:
            device = device_that_pushes(request.user, device_id, _call(request.data, request.auth))
            push = Push(request, self.scope, device)
        else:
            device = known_device(leaver, device_id)
            refusal = Problem(
                "membership-ended", _("The membership has ended: others decide about it."), status_code=403
            )
            push = Push(request, self.scope, device, refusal=refusal, place=leaver.place)
        results = push.take(mutations)
        return Response(
            {
                **({} if leaver is None else {"wipe": True}),
                "results": results,
                "server_time": timezone.now(),
                "schema_version": settings.SCHEMA_VERSIONS[1],
                "clock_ahead_seconds": _flagged(device),
            }
        )


def known_device(leaver: Leaver, device_id: str) -> SyncDevice:
    """The device of somebody who has left. Raises DeviceEnded for one that never called before."""
    device = leaver.device(device_id)
    if device is None:
        raise DeviceEnded
    note_call(device, last_push_at=timezone.now())
    return device


def _envelope(body: Any) -> tuple[str, list[Any]]:
    """The device's id and the changes. Raises Problem for what keeps all of them from being read."""
    if not isinstance(body, dict):
        raise _invalid("#", "wrong-type", _("An object is expected here."))
    version, (oldest, newest) = body.get("schema_version"), settings.SCHEMA_VERSIONS
    if type(version) is not int:
        raise _invalid("#/schema_version", "required", _("A whole number is expected here."))
    if not oldest <= version <= newest:
        words = (
            _("The server speaks version %(newest)d at most, and this app %(version)d: try again later.")
            if version > newest
            else _(
                "The server speaks versions %(oldest)d to %(newest)d, and this app %(version)d: update it."
            )
        )
        raise Problem(
            "schema-version-refused",
            words % {"oldest": oldest, "newest": newest, "version": version},
            status_code=409,
            members={"schema_version": {"current": newest, "oldest_supported": oldest}},
        )
    device_id = body.get("device_id")
    if not isinstance(device_id, str) or not _is_name(device_id):
        raise _invalid(
            "#/device_id",
            "invalid" if device_id else "required",
            _("The device's id is 1 to %(most)d characters that can be seen.") % {"most": LONGEST_DEVICE_ID},
        )
    mutations = body.get("mutations")
    if not isinstance(mutations, list):
        raise _invalid("#/mutations", "wrong-type", _("A list is expected here."))
    if len(mutations) > MOST_MUTATIONS:
        raise Problem(
            "request-too-large",
            _("At most %(most)d changes at once: send the oldest first.") % {"most": MOST_MUTATIONS},
            status_code=413,
        )
    return device_id, mutations


def _is_name(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_DEVICE_ID and text.isprintable() and bool(text.strip())


def _call(body: dict[str, Any], session: Any) -> Call:
    """What the phone says of itself; what can't be read of that keeps nothing from being done."""
    queued = body.get("queued")
    return Call(
        session=session,
        sent_at=moment(body.get("sent_at")),
        queued=queued if type(queued) is int else None,
        oldest_queued_at=moment(body.get("oldest_queued_at")),
    )


def _flagged(device: SyncDevice) -> int | None:
    ahead = device.clock_ahead_seconds
    return ahead if ahead is not None and abs(ahead) > CLOCK_TOLERANCE.total_seconds() else None


def _invalid(pointer: str, code: str, detail: str) -> Problem:
    return Problem("invalid-input", detail, errors=[{"pointer": pointer, "code": code, "detail": detail}])
