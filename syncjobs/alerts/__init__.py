"""Telling people and programs of what needs a person: the same matters, in the same words, as the screen shows."""
