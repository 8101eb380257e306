"""Reading a push: what one change holds must not keep the others from being read."""

from api.core.parsing import StrictJsonParser


class PushParser(StrictJsonParser):
    """Leaves depth and broken characters to each change's own check (`api.sync.mutations`), within reason."""

    deepest = 200
    takes_broken_text = True
