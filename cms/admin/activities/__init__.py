"""Activities in the admin: the list and the page of each, registering, the review queue, flags, types."""
