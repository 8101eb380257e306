"""Every address of the admin with an id that can't be one: an answer, never an error of the server."""

import re

import pytest

from tests.contracts.addresses import every_address
from tests.contracts.test_addresses import CLASSES
from tests.support.turns import in_turn

pytestmark = pytest.mark.django_db
# Whoever may open most: the others are refused before an id is looked at.
PEOPLE = [("nhf", "admin@nhf.example"), ("platform", "owner@meander.example")]
PARAMETER = re.compile(r"<(?:(\w+):)?\w+>|\(\?P<\w+>[^)]*\)")
# What may stand in the address, by the kind of parameter: words, NUL, numbers no column can hold.
MALFORMED = {
    "str": ["x", "%00", "9" * 30],
    "path": ["x", "%00"],
    "slug": ["x"],
    "int": ["0", "9" * 30],
    "uuid": ["018f3f2a-0000-7000-8000-000000000000"],
}


def malformed_addresses(organization: str) -> list[str]:
    """Each address that takes an argument, with every argument malformed at once.

    On the platform's host its own pages alone: the rest is the same code as in every organisation.
    """
    found = set()
    platforms = set(CLASSES["platform"])
    for address in every_address():
        if not address.route.startswith("admin/") or not PARAMETER.search(address.route):
            continue
        if (address.route in platforms) != (organization == "platform"):
            continue
        route = "/" + re.sub(r"\\Z|\\|(?<=/)\^|\$$", "", address.route)
        for nth in range(3):

            def fill(match, nth=nth):
                values = MALFORMED.get(match.group(1) or "str", MALFORMED["str"])
                if match.group(0).startswith("("):
                    values = MALFORMED["int"]
                return values[nth % len(values)]

            found.add(PARAMETER.sub(fill, route))
    return sorted(found)


@pytest.mark.parametrize(("organization", "email"), PEOPLE)
def test_a_malformed_id_is_no_error_of_the_server(request, browser_of, organization, email):
    request.getfixturevalue(organization)
    client = browser_of(organization, email)
    client.raise_request_exception = False
    found = malformed_addresses(organization)
    assert len(found) > 20
    addresses = in_turn(found)
    answers = {f"{address} get": client.get(address).status_code for address in addresses}
    # One kind of nonsense is enough here: whatever a view does with a POST, it looks the row up first.
    answers |= {
        f"{address} post": client.post(address).status_code for address in addresses if "9" * 30 in address
    }
    for kind in ("images", "documents"):
        for pk in ("x", "", "9" * 30):
            address = f"/admin/{kind}/chooser/chosen-multiple/?id=1&id={pk}"
            answers[address] = client.get(address).status_code
            assert answers[address] == 404
        assert client.get(f"/admin/{kind}/chooser/chosen/x/").status_code == 404
    assert {address: status for address, status in answers.items() if status >= 500} == {}
