"""Dates of the simulated shop: kept as whole seconds since the epoch, shown in the site's time and in UTC."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from shops.connectors.woocommerce.simulator.errors import invalid_params

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


def shown(seconds: int | None, zone: tzinfo) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, zone).isoformat()[:19]


def shown_with_offset_twice(seconds: int, zone: tzinfo) -> str:
    """The site's date of a picture: one offset too far (seen two hours ahead in a shop at UTC+1)."""
    local = datetime.fromtimestamp(seconds, zone)
    return (local + (local.utcoffset() or timedelta())).isoformat()[:19]


def bound(name: str, text: str, zone: tzinfo, *, gmt_column: bool) -> float:
    """The moment that a filter compares with, in seconds.

    WordPress turns a date with an offset into the site's wall clock and takes one without as it is; then it compares
    that wall clock with a column. With `dates_are_gmt` the column is in UTC, so a date with an offset is shifted twice.
    """
    if not _ISO.fullmatch(text):
        raise invalid_params({name: ("rest_invalid_date", "Invalid date.", None)})
    moment = datetime.fromisoformat(text)
    wall = moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)
    return wall.replace(tzinfo=UTC if gmt_column else zone).timestamp()


def read(text: str, zone: tzinfo) -> int | None:
    """A date of a body in seconds, None for none or no date; without an offset it is in `zone`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
