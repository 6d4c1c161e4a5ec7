"""Tables of the pipeline, by room: what was seen (`seen`), who belongs to whom (`links`), what runs (`runs`), what came
through webhooks (`inbox`)."""

from syncjobs.models.inbox import InboxEvent, WebhookSetup
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
    "InboxEvent",
    "KindState",
    "Link",
    "Run",
    "SnapshotItem",
    "Step",
    "SyncOptions",
    "Unlinked",
    "WebhookSetup",
]
