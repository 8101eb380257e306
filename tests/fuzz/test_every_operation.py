"""Every operation of the OpenAPI document, called with made-up input, good and bad, as each kind of caller:
never a fault of ours (5xx), never an answer that the document doesn't promise.

FUZZ_EXAMPLES says how many inputs of each kind an operation gets (2; the release check sends 300), FUZZ_ONLY
names the operations (`listFaqs,createRoleAssignment`). The same inputs every time, unless FUZZ_RANDOM is set.
"""

import os
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from .world import CALLERS

SMALL = 2
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", SMALL))
ONLY = set(os.environ.get("FUZZ_ONLY", "").split(",")) - {""}
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize="FUZZ_RANDOM" not in os.environ,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_input_makes_us_fail_or_break_our_word(site, mode):
    turns = count()
    for operation in site.operations():
        if ONLY and operation.definition.raw["operationId"] not in ONLY:
            continue

        next(turns)  # So that the other half begins with the next operation.

        @SETTINGS
        @given(case=site.cases(operation, mode))
        def send(case):
            # In a small run half of them send one input, the other half the next.
            start, step = (0, 1) if EXAMPLES > SMALL else (next(turns) % 2, 2)
            for caller in list(CALLERS)[start::step]:
                site.call(case, caller)

        try:
            send()
        except Unsatisfiable:
            # Nothing can be wrong about a call without parameters and body.
            assert mode == GenerationMode.NEGATIVE and "requestBody" not in operation.definition.raw
    found = [f"{' · '.join(key)}\n{text}" for key, text in site.failures.items()]
    assert not found, f"{len(found)} kinds of failures\n\n" + "\n\n".join(found)
