"""How many queries each read costs: a fixed number, kept in query_counts.json, whatever the number of rows.

After a deliberate change: `WRITE_QUERY_COUNTS=1 pytest tests/api/test_query_counts.py`, and say why in the
commit.
"""

import json
import os
from pathlib import Path

import pytest
from django.core.cache import cache

from cms.models import CardDeck, FaqCategory, ResourceCategory
from tests.support.images import image
from tests.support.queries import statements

from .content import card, faq, group, link

pytestmark = pytest.mark.django_db
BASELINE = Path(__file__).with_name("query_counts.json")
READS = [
    "/api/v1/content/faqs/",
    "/api/v1/content/faqs/{faq}/",
    "/api/v1/content/faq-categories/",
    "/api/v1/content/resource-links/",
    "/api/v1/content/resource-links/{link}/",
    "/api/v1/content/resource-categories/",
    "/api/v1/content/conversation-cards/",
    "/api/v1/content/conversation-cards/{card}/",
    "/api/v1/content/card-decks/",
    "/api/v1/content/terminology/",
    "/api/v1/content/bundle/",
    "/api/v1/me/",
    "/api/v1/client-config/",
]
AT_MOST = 4
# Everything at once: three kinds with their groups, and terminology.
EXCEPTIONS = {"/api/v1/content/bundle/"}


def count(client, url: str, **headers) -> int:
    with statements() as queries:
        response = client.get(url, headers=headers)
    assert response.status_code in (200, 304), response.content
    return len(queries)


@pytest.mark.parametrize("reader", ["anyone", "member"])
def test_reads_cost_what_the_baseline_says(api_of, nhf, reader):
    client = api_of("nhf", "mentor@nhf.example" if reader == "member" else None)
    picture = image("bilde")
    groups = [group(model, "x") for model in (FaqCategory, ResourceCategory, CardDeck)]
    counts: dict[str, list[int]] = {}
    for _size in range(2):
        for _ in range(6):
            items = {
                "faq": faq("q", category=groups[0]),
                "link": link("l", category=groups[1], image=picture),
                "card": card("c", deck=groups[2], image=picture),
            }
        keys = {name: item.translation_key for name, item in items.items()}
        urls = [url.format(**keys) for url in READS if reader == "member" or "/me/" not in url]
        for url in urls:
            client.get(url)  # Renditions are made at the first reading.
            cache.clear()
            name = url
            for key, value in keys.items():
                name = name.replace(str(value), f"{{{key}}}")
            counts.setdefault(name, []).append(count(client, url))
    assert {name: sizes for name, sizes in counts.items() if len(set(sizes)) > 1} == {}
    found = {name: sizes[0] for name, sizes in counts.items()}
    etag = client.get("/api/v1/content/bundle/")["ETag"]
    found["304"] = count(client, "/api/v1/content/bundle/", **{"if-none-match": etag})
    assert all(number <= AT_MOST for name, number in found.items() if name not in EXCEPTIONS)

    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if os.environ.get("WRITE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps({**baseline, reader: found}, indent=2, sort_keys=True) + "\n")
    else:
        assert found == baseline[reader]
