"""A phone's outbox for tests."""

from typing import Any
from uuid import uuid4

PUSH = "/api/v1/sync/push/"


def change(resource: str, verb: str, **given: Any) -> dict[str, Any]:
    """A change; `verb` is create, update, delete or an action."""
    is_action = verb not in ("create", "update", "delete")
    return {
        "mutation_id": str(uuid4()),
        "resource": resource,
        "op": "action" if is_action else verb,
        **({"action": verb} if is_action else {}),
        "occurred_at": "2026-11-20T09:30:00+01:00",
        **given,
    }


class Outbox:
    def __init__(self, api: Any, device_id: str = "phone-1"):
        self.api, self.device_id = api, device_id

    def body(self, changes: list[Any], **more: Any) -> dict[str, Any]:
        return {"device_id": self.device_id, "schema_version": 1, "mutations": changes, **more}

    def post(self, changes: list[Any], **more: Any) -> Any:
        return self.api.post(PUSH, self.body(changes, **more), format="json")

    def send(self, *changes: Any, **more: Any) -> list[dict[str, Any]]:
        answer = self.post(list(changes), **more)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]
