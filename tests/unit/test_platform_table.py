"""The documented table of capabilities is what the connectors declare today."""

from io import StringIO

from django.core.management import call_command


def test_the_table_of_capabilities_is_current() -> None:
    call_command("platform_table", "--check", stdout=StringIO())
