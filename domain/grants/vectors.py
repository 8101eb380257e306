"""Cases with their verdicts, by the rules of 2020: what every implementation must agree with."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def vectors() -> tuple[dict[str, Any], ...]:
    """Each with `title`, `day`, `facts` (see `verdict.Facts`), `counts` and `unmet`, in order."""
    return tuple(json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8")))
