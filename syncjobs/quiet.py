"""Quiet hours by the clock on the wall, of flows in Poland, of people where they are. They may pass midnight; pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

POLAND = ZoneInfo("Europe/Warsaw")


def quiet_until(now: datetime, begin: time | None, end: time | None, zone: ZoneInfo = POLAND) -> datetime | None:
    """When the quiet hours that `now` is in are over, None outside of them. Compared as moments, so that the hour which
    autumn brings twice is quiet once, and the one that spring leaves out shortens nothing. Equal ends are no hours."""
    if begin is None or end is None or begin == end:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        last = day if begin < end else day + timedelta(days=1)
        starts = datetime.combine(day, begin, zone)
        stops = datetime.combine(last, end, zone)
        if starts.timestamp() <= now.timestamp() < stops.timestamp():
            return stops
    return None
