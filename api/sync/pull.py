"""`GET /api/v1/sync/pull/`: what changed for a phone since it asked last (docs/sync.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import compress_string
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers

from api.core.errors import Problem
from api.core.query import Query, chosen
from api.core.rendering import to_json
from domain.identity.limits import Limit, count
from domain.sync.changes import Asked, Now, state_of_tables
from domain.sync.checkpoints import Checkpoint, UnknownCheckpoint
from domain.sync.devices import DeviceEnded, find_device, note_call
from domain.sync.models import SyncDevice, SyncView
from domain.sync.models.devices import LONGEST_DEVICE_ID
from domain.sync.positions import Position
from domain.sync.views import Delivered, ViewGone, acknowledge, deliver, find_view, open_view, positions_at
from tenants.db import connection

from .base import PhoneView
from .documents import document_sources
from .sources import Budget, Found, Source, digest_text, pulled_entities, source_of

MOST_ROWS = 2000
# When an app with nothing new asks again, unless a push message tells it sooner.
NEXT_POLL_SECONDS = 60
# Of one person: everything is counted and read then.
BEGINNINGS = Limit("sync-beginnings", attempts=60, seconds=600)
# Compressed from this many bytes on; random ones are added, so that sizes tell nothing.
COMPRESSED_FROM, RANDOM_BYTES = 1000, 100


class PullQuery(Query):
    checkpoint = serializers.CharField(
        required=False, max_length=1000, help_text="Of the answer before; without one, everything is sent."
    )
    resources = serializers.CharField(
        required=False, max_length=2000, help_text="Comma-separated: only these. Others stay where they are."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_ROWS, default=500, help_text="Changes in one answer."
    )
    device_id = serializers.CharField(
        required=False,
        max_length=LONGEST_DEVICE_ID,
        help_text="What the app calls its installation, as in a push: needed to see and end it in the admin.",
    )


class ChangeSerializer(serializers.Serializer):
    resource = serializers.CharField()
    id = serializers.UUIDField()
    op = serializers.ChoiceField(choices=["upsert", "remove"])
    version = serializers.IntegerField(
        allow_null=True, help_text="`base_version` of a later push; null where the resource has none."
    )
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Of an upsert: exactly what the detail's address answers."
    )
    reason = serializers.CharField(
        required=False, help_text="Of a removal: `deleted`, `out-of-scope` or `area-disabled`."
    )
    replaced_by = serializers.UUIDField(
        required=False, allow_null=True, help_text="Of a removal: the row that stands for it now."
    )


class PullSerializer(serializers.Serializer):
    changes = ChangeSerializer(many=True)
    checkpoint = serializers.CharField(help_text="Keep it together with the changes, and ask with it next.")
    has_more = serializers.BooleanField(help_text="`true`: ask again at once.")
    schema_version = serializers.IntegerField()
    next_poll_s = serializers.IntegerField(help_text="Seconds to wait before asking again.")
    estimates = serializers.DictField(
        child=serializers.IntegerField(),
        required=False,
        help_text="In the first answer: about how many rows of each resource there are.",
    )


@dataclass
class _Round:
    """A resource with something to look at, and how far the phone is."""

    source: Source
    position: Position


class PullView(PhoneView):
    """What changed for the caller since the checkpoint: rows that changed, that they see from now on, and
    those they no longer do.

    An answer whose checkpoint was never used is as if it had not been given: it is made again for whoever
    asks with the one before. `204` means nothing new: keep the checkpoint.
    """

    query_class = PullQuery
    cache_control = "no-store"

    @extend_schema(
        operation_id="pullChanges",
        parameters=[PullQuery],
        responses={200: PullSerializer, 204: OpenApiResponse(description="Nothing new.")},
        tags=["Sync"],
    )
    def get(self, request) -> HttpResponse:
        checkpoint = self.checkpoint()
        if checkpoint is None:
            count(BEGINNINGS, f"{connection.schema_name} {request.user.pk}")
        now, asked = state_of_tables(checkpoint.view if checkpoint else None, request.user.pk)
        device = self.device(asked)
        sources = self.sources()
        standing = self.standing()
        if checkpoint is None:
            rounds = [_Round(source, Position()) for source in sources]
            return self.answer(None, None, now, rounds, standing, device)
        positions = self.known(checkpoint, now, asked)
        rounds = [_Round(source, positions.get(source.name, Position())) for source in sources]
        if not any(self.kind(each, now, standing) for each in rounds):
            return self.nothing_new(device)
        return self.answer(checkpoint.view, checkpoint.generation, now, rounds, standing, device)

    # --- Who asks, and from where ------------------------------------------------------------------------

    def checkpoint(self) -> Checkpoint | None:
        text = self.query.get("checkpoint")
        if text is None:
            return None
        try:
            found = Checkpoint.read(text)
        except UnknownCheckpoint:
            raise Problem(
                "invalid-checkpoint",
                _("This checkpoint isn't one of ours: begin again without it."),
                errors=[
                    {"pointer": "?checkpoint", "code": "invalid", "detail": _("Not a checkpoint of ours.")}
                ],
            ) from None
        if found.user != self.request.user.pk or found.schema != connection.schema_name:
            raise resync_required()
        return found

    def device(self, asked: Asked | None) -> SyncDevice | None:
        """The phone, where it gives its name. Raises DeviceEnded."""
        if asked is not None and asked.is_ended:
            raise DeviceEnded
        if "device_id" in self.query:
            return find_device(self.request.user, self.query["device_id"], session=self.request.auth)
        return None

    def known(self, checkpoint: Checkpoint, now: Now, asked: Asked | None) -> Mapping[str, Position]:
        """How far the phone is. Raises Problem (410) where that can't be told any more."""
        positions = None if asked is None else asked.at(checkpoint.generation)
        if positions is None or checkpoint.epoch != now.epoch:
            raise resync_required()
        if any((position.since or 0) > now.horizon for position in positions.values()):
            raise resync_required()  # The database has gone back in time.
        return positions

    def sources(self) -> list[Source]:
        documents, viewsets = document_sources(self), pulled_entities()
        known = sorted({*documents, *viewsets})
        names = known
        if "resources" in self.query:
            names = chosen("resources", self.query["resources"], known)
        return [
            documents[name] if name in documents else source_of(viewsets[name], self.request)
            for name in names
        ]

    def standing(self) -> str:
        """A digest of what decides what the caller sees, but for rows; the day, too: roles begin and end."""
        scope = self.scope
        held = sorted((each.role, each.path, *sorted(each.permissions)) for each in scope.held)
        return digest_text(
            str(timezone.localdate()), str(scope.is_member), str(held), str(sorted(scope.permissions))
        )

    # --- What there is to do -----------------------------------------------------------------------------

    def kind(self, each: _Round, now: Now, standing: str) -> str:
        """The kind of the round that there is to begin or go on with; "" where nothing can be new."""
        position, source = each.position, each.source
        if position.is_under_way:
            return position.kind
        if position.since is None or position.schema != settings.SCHEMA_VERSIONS[1]:
            return "snapshot"
        if position.seen_as != source.seen_as(standing, now) or now.is_touched(source.tables, position.since):
            return "full"
        return "changes" if now.is_touched([source.own_table], position.since) else ""

    def nothing_new(self, device: SyncDevice | None) -> HttpResponse:
        if device is not None:
            note_call(device, session=self.request.auth)
        return HttpResponse(status=204, headers={"Next-Poll-S": str(NEXT_POLL_SECONDS)})

    @transaction.atomic
    def answer(
        self,
        view_id: UUID | None,
        generation: UUID | None,
        now: Now,
        rounds: list[_Round],
        standing: str,
        device: SyncDevice | None,
    ) -> HttpResponse:
        if device is not None:
            # Before the view, as whoever ends a device: they would wait for each other.
            note_call(device, session=self.request.auth, last_pull_at=timezone.now())
        view, positions = self.locked(view_id, generation, device)
        budget, brought, found_all = Budget(self.query["limit"]), {}, []
        more = False
        for each in rounds:
            source = each.source
            position = positions.get(source.name, Position())
            kind = self.kind(_Round(source, position), now, standing)
            if not kind:
                positions[source.name] = position.idle(now.horizon)
                continue
            if budget.is_spent:
                more = True
                continue
            if not position.is_under_way:
                seen_as = source.seen_as(standing, now)
                position = position.begun(
                    kind, start=now.horizon, seen_as=seen_as, schema=settings.SCHEMA_VERSIONS[1]
                )
            found = source.find(view, position, budget)
            source.note(found)
            budget.spend(found)
            more = more or found.more
            positions[source.name] = (
                position.at(found.last) if found.more and found.last is not None else position.done()
            )
            brought[source.name] = _delivered(found)
            found_all.append((source.name, found))
        estimates = self.estimates(rounds) if generation is None else None
        if generation is not None and not more and not any(found.size for _name, found in found_all):
            # How far we looked is kept with what the phone has already: its checkpoint stays.
            view.positions = {name: position.as_json() for name, position in positions.items()}
            view.save()
            return self.nothing_new(None)
        made = deliver(view, positions, brought)
        user: Any = self.request.user
        checkpoint = Checkpoint(view.pk, made, user.pk, now.epoch).signed()
        return self.told(found_all, checkpoint, more=more, estimates=estimates)

    def locked(
        self, view_id: UUID | None, generation: UUID | None, device: SyncDevice | None
    ) -> tuple[SyncView, dict[str, Position]]:
        """The view, with what was acknowledged by asking with this generation, and how far the phone is."""
        if view_id is None or generation is None:
            return open_view(self.request.user, device=device), {}
        try:
            view = find_view(view_id, self.request.user, lock=True)
            positions = positions_at(view, generation)
        except ViewGone:
            raise resync_required() from None
        acknowledge(view, generation)
        if device is not None:
            view.device = device
        return view, positions

    @staticmethod
    def estimates(rounds: list[_Round]) -> dict[str, int]:
        return {each.source.name: each.source.estimate() for each in rounds}

    def told(
        self, found: list[tuple[str, Found]], checkpoint: str, *, more: bool, estimates: dict | None
    ) -> HttpResponse:
        parts: list[str] = []
        for resource, each in found:
            for one in each.upserts:
                head = {"resource": resource, "id": one.id, "op": "upsert", "version": one.version}
                parts.append(f'{to_json(head).decode()[:-1]},"data":{one.json}}}')
            for gone in each.removals:
                said = {"resource": resource, "id": gone.id, "op": "remove", "version": None}
                why = {"reason": gone.reason, "replaced_by": gone.replaced_by}
                parts.append(to_json({**said, **why}).decode())
        ending: dict[str, Any] = {
            "checkpoint": checkpoint,
            "has_more": more,
            "schema_version": settings.SCHEMA_VERSIONS[1],
            "next_poll_s": 0 if more else NEXT_POLL_SECONDS,
            **({} if estimates is None else {"estimates": estimates}),
        }
        body = b'{"changes":[' + ",".join(parts).encode() + b"]," + to_json(ending)[1:]
        return self.compressed(HttpResponse(body, content_type="application/json"))

    def compressed(self, response: HttpResponse) -> HttpResponse:
        accepted = self.request.headers.get("Accept-Encoding", "")
        if "gzip" in accepted and len(response.content) >= COMPRESSED_FROM:
            response.content = compress_string(response.content, max_random_bytes=RANDOM_BYTES)
            response["Content-Encoding"] = "gzip"
        return response


def _delivered(found: Found) -> Delivered:
    return Delivered({one.id: one.state for one in found.upserts}, [removal.id for removal in found.removals])


def resync_required() -> Problem:
    return Problem(
        "resync-required",
        _("What this device keeps is too old to go on with: fetch everything anew, without a checkpoint."),
        status_code=410,
    )
