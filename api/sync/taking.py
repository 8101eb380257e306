"""Taking the changes of a push: each in one transaction with its effect, its record and its answer."""

import logging
from typing import Any
from uuid import UUID

from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg import errors as postgres

from api.core.entities import entities
from api.core.errors import Problem, as_problem, internal_error_text
from domain.core.scope import Scope
from domain.encryption.reading import read_sealed_rows
from domain.sync.choices import Operation, Outcome
from domain.sync.models import SyncDevice, SyncMutation
from domain.sync.receiving import (
    ClientIds,
    claim,
    digest,
    is_same,
    known_mutations,
    put_aside,
    settle,
    turn_away,
)

from .applying import Conflict, Effect, apply, detail_of
from .mutations import Mutation, MutationProblem, read
from .references import Deferred, Names, creates_of, names_in

DUPLICATE, DEFERRED = "duplicate", "deferred"
# Not this change's fault, and perhaps over soon.
_PASSING = ("rate-limited", "unavailable", "request-in-flight")
_TRIES = 3
_logger = logging.getLogger("api")


class Push:
    """The changes of one call of one device. With a `refusal` nothing is done: all of it goes to the inbox,
    of whoever looked after people at `place`."""

    def __init__(
        self,
        request: Any,
        scope: Scope,
        device: SyncDevice,
        *,
        refusal: Problem | None = None,
        place: str = "",
    ):
        self.request, self.scope, self.device, self.user = request, scope, device, request.user
        self.refusal, self.place = refusal, place
        self.names = Names(ClientIds(device))

    def take(self, sent: list[Any]) -> list[dict[str, Any]]:
        """What became of each, in their order."""
        mutations = [read(raw) for raw in sent]
        known = known_mutations(self.user, [each.mutation_id for each in mutations if each.mutation_id])
        results: dict[int, dict[str, Any]] = {}
        again = [place for place, each in enumerate(mutations) if each.mutation_id in known]
        kept = [known[mutations[place].mutation_id] for place in again]  # type: ignore[index]
        results.update(zip(again, self.answered_before(kept, [sent[at] for at in again]), strict=True))
        left = [place for place in range(len(sent)) if place not in results]
        if left:
            new = [mutations[place] for place in left]
            self.names = Names(ClientIds.read(self.device, names_in(new)), creates_of(new))
        while left:
            before = len(self.names.ids.known)
            for place in left:
                results[place] = self.take_one(mutations[place], sent[place])
            # What refers to rows that came later is done now that they are made.
            left = [place for place in left if results[place].get("code") == Names.WAITS]
            if len(self.names.ids.known) == before:
                break
        return [results[place] for place in range(len(sent))]

    def take_one(self, mutation: Mutation, raw: Any) -> dict[str, Any]:
        key = mutation.resource, mutation.client_id
        is_named = mutation.op == Operation.CREATE and bool(mutation.client_id)
        if is_named and self.names.to_come[key]:
            self.names.to_come[key] -= 1
        answer = self._tried(mutation, raw)
        said = answer.get("answer", answer["outcome"])
        if is_named and said == Outcome.APPLIED:
            self.names.ids.known[key] = UUID(answer["id"])
            self.names.failed.discard(key)
        elif is_named:
            self.names.failed.add(key)
        if answer["outcome"] == Outcome.CONFLICT:
            self._show_server(answer, mutation)
        return answer

    def _tried(self, mutation: Mutation, raw: Any) -> dict[str, Any]:
        if mutation.mutation_id is None:
            assert mutation.problem is not None
            return _told(mutation, raw, mutation.problem)  # Without an id there is nothing to keep it under.
        problem = mutation.problem or self.refusal
        for _try in range(_TRIES):
            try:
                return self._once(mutation, raw, problem)
            except Deferred as error:
                return _deferred(mutation, error.code, error.detail)
            except IntegrityError as error:
                # Found at the commit: all was taken back, and is now noted as refused.
                problem = as_problem(error)
                if problem is None:
                    return self._fault(mutation, error)
            except OperationalError as error:
                if not isinstance(error.__cause__, postgres.DeadlockDetected | postgres.SerializationFailure):
                    raise
            except Exception as error:
                return self._fault(mutation, error)
        return _deferred(mutation, "unavailable", _("Others are changing it right now."))

    def _once(self, mutation: Mutation, raw: Any, problem: Problem | None) -> dict[str, Any]:
        with transaction.atomic():
            kept = self._row(mutation, raw)
            if claim(kept):
                return self._settled(kept, mutation, raw, problem)
        # Somebody sent the same at the same time, and it has been done.
        first = SyncMutation.objects.get(user=self.user, mutation_id=kept.mutation_id)
        return self.answered_before([first], [raw])[0]

    def _settled(
        self, kept: SyncMutation, mutation: Mutation, raw: Any, problem: Problem | None
    ) -> dict[str, Any]:
        try:
            with transaction.atomic():
                if problem is not None:
                    raise problem
                effect = apply(mutation, self.names, request=self.request, scope=self.scope)
        except Deferred:
            raise
        except Conflict as conflict:
            return self._in_conflict(kept, mutation, conflict)
        except DataError:
            refused = Problem("invalid-input", _("Some of the values can't be stored."))
            return self._refused(kept, mutation, raw, refused)
        except Exception as error:
            found = as_problem(error)
            if found is None:
                raise
            if found.slug in _PASSING:
                raise Deferred(found.slug, str(found.detail)) from error
            return self._refused(kept, mutation, raw, found)
        settle(kept, effect.outcome, row_id=effect.row_id, version=effect.version)
        return _done(mutation, effect)

    def _row(self, mutation: Mutation, raw: Any) -> SyncMutation:
        at, offset = mutation.occurred_at, None
        if at is not None:
            there = at.utcoffset()
            offset = int(there.total_seconds() // 60) if there is not None else None
        view = entities.get(mutation.resource)
        shared = view is not None and view.synced is not None and view.synced.shared
        assert mutation.mutation_id is not None
        return SyncMutation(
            user=self.user,
            device=self.device,
            mutation_id=mutation.mutation_id,
            resource=mutation.resource,
            op=mutation.op,
            action=mutation.action,
            client_id=mutation.client_id,
            base_version=mutation.base_version,
            occurred_at=at,
            occurred_offset_minutes=offset,
            payload_hash=digest(raw),
            outcome=Outcome.APPLIED,
            is_personal=not shared,
            place=self.place,
            created_by=self.user,
            updated_by=self.user,
        )

    # --- Answers ----------------------------------------------------------------------------------------

    def _refused(self, kept: SyncMutation, mutation: Mutation, raw: Any, problem: Problem) -> dict[str, Any]:
        answer = _told(mutation, raw, problem)
        if self.refusal is not None and kept.is_personal:
            turn_away(kept, code=problem.slug)  # Who alone could decide about it has left.
            return answer
        kept.row_id = self._target(mutation)
        content = {"data": mutation.data, "detail": answer["detail"], "errors": answer["errors"]}
        put_aside(kept, Outcome.REJECTED, code=problem.slug, content=content, names=self._named(mutation))
        return answer

    def _in_conflict(self, kept: SyncMutation, mutation: Mutation, conflict: Conflict) -> dict[str, Any]:
        detail = _("The same was changed here while the phone was offline.")
        errors = [
            {"pointer": f"#/data/{name}", "code": "changed-meanwhile", "detail": detail}
            for name in conflict.fields
        ] or [{"pointer": "#", "code": "changed-meanwhile", "detail": detail}]
        kept.row_id = conflict.row_id
        content = {"data": mutation.data, "detail": detail, "errors": errors, "fields": conflict.fields}
        put_aside(kept, Outcome.CONFLICT, code="conflict", content=content, names=self._named(mutation))
        return {
            **_base(mutation),
            "outcome": Outcome.CONFLICT.value,
            "id": str(conflict.row_id),
            "version": None,
            "code": "conflict",
            "detail": detail,
            "errors": errors,
            "yours": mutation.data,
        }

    def _show_server(self, answer: dict[str, Any], mutation: Mutation) -> None:
        """What is there now, as the caller sees it today."""
        server = detail_of(mutation.resource, answer["id"], request=self.request, scope=self.scope)
        answer["server"] = server
        answer["version"] = server.get("version") if server is not None else None

    def answered_before(self, kept: list[SyncMutation], sent: list[Any]) -> list[dict[str, Any]]:
        """What was answered then; of what waits for a decision with what was sent, opened for its author."""
        # Not of another change under the same id: nobody gets more opened than they sent.
        waiting = [row.pk for row, raw in zip(kept, sent, strict=True) if row.is_open and is_same(row, raw)]
        opened = (
            read_sealed_rows(SyncMutation, waiting, ["content"], by=self.user, scope=self.scope)
            if waiting
            else {}
        )
        return [
            self._answered_before(row, raw, opened.get(row.pk, {}).get("content"))
            for row, raw in zip(kept, sent, strict=True)
        ]

    def _answered_before(self, row: SyncMutation, raw: Any, content: Any) -> dict[str, Any]:
        mutation = read(raw)
        if not is_same(row, raw):
            detail = _("This mutation id was used for another change: make one per change.")
            return _told(mutation, raw, Problem("mutation-id-reused", detail, status_code=422))
        answer = {**_base(mutation), "outcome": DUPLICATE, "answer": row.outcome}
        answer |= {"id": row.result.get("id"), "version": row.result.get("version")}
        if row.outcome in Outcome.to_inbox():
            content = content or {}
            answer |= {
                "code": row.code,
                "detail": content.get("detail", ""),
                "errors": content.get("errors", []),
            }
            if row.resolution:
                answer["resolution"] = row.resolution
            elif row.outcome == Outcome.CONFLICT:
                answer["yours"] = content.get("data")
                self._show_server(answer, mutation)
        return answer

    def _target(self, mutation: Mutation) -> Any:
        """The row that a refused change was about, where that can be said."""
        if mutation.op == Operation.CREATE or mutation.problem is not None:
            return None
        return self.names.target_key(mutation)

    def _named(self, mutation: Mutation) -> list[UUID]:
        """The rows that a change names by what the phone calls them."""
        said = names_in([mutation])
        return [row_id for (_resource, name), row_id in self.names.ids.known.items() if name in said]

    def _fault(self, mutation: Mutation, error: Exception) -> dict[str, Any]:
        """Ours: nothing was done, and it may be sent again."""
        _logger.error("Unhandled error in a change of %s", mutation.resource, exc_info=error)
        got_request_exception.send(sender=type(self), request=getattr(self.request, "_request", None))
        return _deferred(mutation, "internal-error", internal_error_text())


def _base(mutation: Mutation) -> dict[str, Any]:
    answer: dict[str, Any] = {"mutation_id": str(mutation.mutation_id) if mutation.mutation_id else None}
    if mutation.client_id:
        answer["client_id"] = mutation.client_id
    return answer


def _done(mutation: Mutation, effect: Effect) -> dict[str, Any]:
    return {
        **_base(mutation),
        "outcome": effect.outcome.value,
        "id": str(effect.row_id),
        "version": effect.version,
    }


def _told(mutation: Mutation, raw: Any, problem: Problem) -> dict[str, Any]:
    """A refusal; what a request of its own would point at in its body is in the change's data."""
    within = "" if isinstance(problem, MutationProblem) else "/data"
    errors = [
        {**error, "pointer": _inside(error["pointer"], within), "detail": str(error["detail"])}
        for error in problem.errors
    ]
    answer = _base(mutation)
    if answer["mutation_id"] is None and isinstance(raw, dict) and isinstance(raw.get("mutation_id"), str):
        answer["mutation_id"] = raw["mutation_id"][:100].encode("utf-8", "replace").decode()
    return {
        **answer,
        "outcome": Outcome.REJECTED.value,
        "id": None,
        "version": None,
        "code": problem.slug,
        "detail": str(problem.detail),
        "errors": errors,
    }


def _inside(pointer: str, within: str) -> str:
    return f"#{within}{pointer.removeprefix('#')}" if pointer.startswith("#/") else "#"


def _deferred(mutation: Mutation, code: str, detail: str) -> dict[str, Any]:
    return {**_base(mutation), "outcome": DEFERRED, "code": code, "detail": detail}
