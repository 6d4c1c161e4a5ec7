"""A panel as full as it gets: rows for `manage.py seed_load`, made from a seed and written in bulk."""
