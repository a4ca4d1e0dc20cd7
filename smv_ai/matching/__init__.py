"""Matched comparisons: studies (panels/<study>.yml) and register panels, as the small tables that the models read."""
