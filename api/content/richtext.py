"""Rich text for clients: links resolved, nothing that could run, and the same as plain text."""

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from html.parser import HTMLParser
from urllib.parse import urljoin

from wagtail.rich_text import expand_db_html
from wagtail.whitelist import Whitelister, allow_without_attributes, attribute_rule, check_url

_SEPARATOR = "<!--meander-->"


class _SafeHtml(Whitelister):
    """What editors can make (cms.models.faq.RICH_TEXT_FEATURES) and nothing else, whatever was imported."""

    element_rules = {
        "[document]": allow_without_attributes,
        "a": attribute_rule({"href": check_url}),
        **dict.fromkeys(
            ("p", "h3", "h4", "b", "strong", "i", "em", "ol", "ul", "li", "br"), allow_without_attributes
        ),
    }

    def clean_tag_node(self, doc, tag):
        if tag.name in ("script", "style", "iframe", "object", "template"):
            tag.decompose()  # Their text is no text for people.
            return
        super().clean_tag_node(doc, tag)


_safe = _SafeHtml()
# Characters.
_USUAL_LENGTH = 5000
_HREF = re.compile(r'(<a [^>]*href=")(/[^"]*)"')


def to_html(sources: list[str], *, base_url: str) -> list[str]:
    """Stored rich texts as safe HTML, links to documents made absolute with `base_url`.

    All at once, so that the links of a whole list cost one query. Raises nothing: an unknown target loses
    its link.
    """
    if not sources:
        return []
    joined = _SEPARATOR.join(source.replace(_SEPARATOR, "") for source in sources)
    expanded = expand_db_html(joined).split(_SEPARATOR)
    return [_absolute(_clean(html), base_url) for html in expanded]


def _remembering(work: Callable[[str], str]) -> Callable[[str], str]:
    """Keep the results for the latest texts of usual length: they follow from the text and nothing else,
    so it doesn't matter whose it is, or what becomes of it. At most about 20 MB a process."""
    remembered = lru_cache(maxsize=1000)(work)

    @wraps(work)
    def result(text: str) -> str:
        return remembered(text) if len(text) <= _USUAL_LENGTH else work(text)

    return result


@_remembering
def _clean(html: str) -> str:
    return _safe.clean(html)


def _absolute(html: str, base_url: str) -> str:
    return _HREF.sub(lambda match: f'{match[1]}{urljoin(base_url, match[2])}"', html)


class _PlainText(HTMLParser):
    """Paragraphs become lines, list items get a mark, links keep their address."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.counters: list[int | None] = []
        self.link = ""

    def handle_starttag(self, tag, attrs):
        if tag in ("ol", "ul"):
            self.counters.append(0 if tag == "ol" else None)
        elif tag == "li":
            number = self.counters[-1] if self.counters else None
            if number is not None:
                self.counters[-1] = number + 1
            self.parts.append("• " if number is None else f"{number + 1}. ")
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "a":
            self.link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag):
        if tag in ("p", "h3", "h4"):
            self.parts.append("\n\n")
        elif tag == "li":
            self.parts.append("\n")
        elif tag in ("ol", "ul"):
            if self.counters:
                self.counters.pop()
            self.parts.append("\n")
        elif tag == "a":
            if self.link and self.link not in self.parts[-1:]:
                self.parts.append(f" ({self.link.removeprefix('mailto:').removeprefix('tel:')})")
            self.link = ""

    def handle_data(self, data):
        self.parts.append(data)


@_remembering
def to_text(html: str) -> str:
    """Safe HTML (from `to_html`) as text for where no markup can be shown."""
    parser = _PlainText()
    parser.feed(html)
    parser.close()
    text = re.sub(r"[ \t\r\f\v]+", " ", "".join(parser.parts))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", text)).strip()
