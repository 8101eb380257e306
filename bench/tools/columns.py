"""What every case of `bench.api` sends of a membership of a local association."""

FIELDS = (
    *("id", "created_at", "updated_at", "version"),
    *("user", "association", "is_primary", "valid_from", "valid_to"),
)
