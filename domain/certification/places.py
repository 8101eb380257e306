"""Where a person belongs (`domain.associations.places`): what this area's rows are reached by."""

from domain.associations.places import about_people, check_may_about, own_or_within, people_within

__all__ = ["about_people", "check_may_about", "own_or_within", "people_within"]
