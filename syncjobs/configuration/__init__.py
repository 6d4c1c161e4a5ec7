"""The configuration of one shop connection as a document: written, read, compared, taken over. No secret is part of it.

`schema` (what a document holds), `document` (text to entries and back), `names` and `compare` (what would change here)
are pure; `reading`, `writing` and `sources` know the tables.
"""
