"""What of the admin's main menu an organisation has."""

from .areas import without_disabled_areas

# Pages don't exist; reports and help are Wagtail's own and either know no row scope or lead outside.
ABSENT = frozenset({"explorer", "reports", "help", "snippets"})


def construct_main_menu(request, items) -> None:
    """Hook: leave out what Meander doesn't have, and the areas that are switched off."""
    items[:] = [item for item in items if item.name not in ABSENT]
    without_disabled_areas(items, request)
