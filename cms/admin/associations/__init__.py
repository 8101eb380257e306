"""Local associations in the admin: list, tree, forms, moving and merging, members, import."""
