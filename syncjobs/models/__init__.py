"""Tables of the pipeline, by room: what was seen (`seen`), who belongs to whom (`links`), what runs (`runs`)."""

from syncjobs.models.links import Conflict, ElementMark, KindState, Link, Unlinked
from syncjobs.models.options import SyncOptions
from syncjobs.models.runs import Change, Errand, Run, Step
from syncjobs.models.seen import ElementIssue, Fetch, FetchedPage, SnapshotItem

__all__ = [
    "Change",
    "Conflict",
    "ElementIssue",
    "ElementMark",
    "Errand",
    "Fetch",
    "FetchedPage",
    "KindState",
    "Link",
    "Run",
    "SnapshotItem",
    "Step",
    "SyncOptions",
    "Unlinked",
]
