"""The tree on one page: plain nested lists of links, which a script makes a tree for keyboard and reader."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets.button import HeaderButton

from cms.admin.scoped import ScopedPageView
from domain.associations.names import folded
from domain.core.names import has_words

from .words import name


@dataclass
class Node:
    """One association with what is below it. `found`: it is what was searched for, not only above it."""

    pk: Any
    label: str
    number: str
    is_active: bool
    name_key: str = ""
    found: bool = True
    children: list["Node"] = field(default_factory=list)


def build_tree(rows: Any, query: str = "") -> tuple[list[Node], int]:
    """The roots of what `rows` hold, in one query, and how many were found.

    With a query only what has it in name or number, and those above. A row whose parent isn't among the rows
    stands as a root. Aliases have no place of their own.
    """
    wanted = folded(query)
    nodes: dict[int, Node] = {}
    parents: dict[int, int | None] = {}
    columns = ("id", "name", "number", "is_active", "name_key", "name_search", "node", "path")
    listed = rows.filter(merged_into__isnull=True).order_by("path").values_list(*columns)
    for pk, label, number, is_active, name_key, searched, node, path in listed:
        matches = not wanted or has_words(query, searched) or wanted == folded(number)
        nodes[node] = Node(pk, label, number, is_active, name_key, found=matches)
        above = path.strip("/").split("/")[:-1]
        parents[node] = int(above[-1]) if above else None
    if wanted:
        kept: set[int] = set()
        for node, each in nodes.items():
            at: int | None = node if each.found else None
            while at is not None and at not in kept:
                kept.add(at)
                at = parents.get(at) if at in nodes else None
        nodes = {node: each for node, each in nodes.items() if node in kept}
    roots = []
    for node, each in nodes.items():
        above_it = parents[node]
        (nodes[above_it].children if above_it in nodes else roots).append(each)
    for each in nodes.values():
        each.children.sort(key=lambda child: (child.name_key, child.number))
    roots.sort(key=lambda root: (root.name_key, root.number))
    return roots, sum(each.found for each in nodes.values())


def render_tree(roots: list[Node], *, is_open: bool) -> SafeString:
    """Nested lists; made by hand, since a template for each of 1,400 rows takes a second."""
    closed = escape(_("closed"))
    prefix, suffix = reverse("local_associations:inspect", args=[_ZERO]).split(_ZERO)

    def items(nodes: list[Node]) -> Iterator[str]:
        for node in nodes:
            note = "" if node.is_active else f' <span class="tree-closed">{closed}</span>'
            quiet = "" if node.found else " tree-above"
            yield (
                f'<li><a href="{prefix}{node.pk}{suffix}" id="n-{node.pk}" class="tree-item{quiet}">'
                f'<span class="tree-name">{escape(node.label)}</span> '
                f'<span class="tree-number">{escape(node.number)}</span>{note}</a>'
            )
            if node.children:
                yield f'<ul id="g-{node.pk}">'
                yield from items(node.children)
                yield "</ul>"
            yield "</li>"

    state = " data-open" if is_open else ""
    # Every value was escaped above.
    return mark_safe(f'<ul class="tree" data-tree{state}>{"".join(items(roots))}</ul>')  # noqa: S308


_ZERO = "00000000-0000-0000-0000-000000000000"


class TreeView(ScopedPageView):
    """All of them, closed at first; the box finds by name or number and keeps what is above."""

    template_name = "associations/tree.html"
    page_title = gettext_lazy("Tree")
    header_icon = "list-ul"

    @cached_property
    def query(self) -> str:
        return self.request.GET.get("q", "").replace("\x00", "").strip()[:100]

    def get_context_data(self, **kwargs):
        roots, found = build_tree(self.rows(), self.query)
        return super().get_context_data(
            tree=render_tree(roots, is_open=bool(self.query)),
            found=found,
            query=self.query,
            title=name("plural"),
            **kwargs,
        )

    @cached_property
    def header_buttons(self):
        buttons = [HeaderButton(_("List"), url=reverse(self.index_url_name), icon_name="list-ul")]
        if self.add_url_name and self.may("add"):
            buttons.append(HeaderButton(_("Add"), url=reverse(self.add_url_name), icon_name="plus"))
        return buttons
