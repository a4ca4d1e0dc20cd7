"""Matched comparisons: studies (panels/<study>.yml) and register panels, as the small tables that the models read.

Here belongs reading and checking a study and its panel. Matching itself is SQL (models/intermediate/matching).
"""
