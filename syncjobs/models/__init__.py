"""Tables of the pipeline, by room: what was seen (`seen`), who belongs to whom (`links`), what people did about it
(`deeds`), what runs (`runs`), what came through webhooks (`inbox`), what people bought (`orders`), what people
were told (`alerts`), what differs (`discrepancies`), what an undo holds (`holds`), what stops
writing (`brakes`)."""

from syncjobs.models.alerts import Alert, AlertChannel, AlertDelivery, AlertNotice, AlertSubscription
from syncjobs.models.brakes import Rival, Stop
from syncjobs.models.configuration import ConfigurationTemplate, ConfigurationUpload
from syncjobs.models.deeds import Deed, DeedRow
from syncjobs.models.discrepancies import Discrepancy, DiscrepancyReport
from syncjobs.models.holds import UndoHold
from syncjobs.models.inbox import InboxEvent, LaidAside, WebhookSetup
from syncjobs.models.links import Conflict, ElementMark, KindState, Link, Unlinked
from syncjobs.models.options import SyncOptions
from syncjobs.models.orders import DueOffer, OrderEvent, OrderPromise, OrderTerms, ShopOrder
from syncjobs.models.runs import Change, Errand, Run, Step
from syncjobs.models.seen import ElementIssue, Fetch, FetchedPage, SnapshotItem
from syncjobs.models.wizard import ShopSetup

__all__ = [
    "Alert",
    "AlertChannel",
    "AlertDelivery",
    "AlertNotice",
    "AlertSubscription",
    "Change",
    "ConfigurationTemplate",
    "ConfigurationUpload",
    "Conflict",
    "Deed",
    "DeedRow",
    "Discrepancy",
    "DiscrepancyReport",
    "DueOffer",
    "ElementIssue",
    "ElementMark",
    "Errand",
    "Fetch",
    "FetchedPage",
    "InboxEvent",
    "KindState",
    "LaidAside",
    "Link",
    "OrderEvent",
    "OrderPromise",
    "OrderTerms",
    "Rival",
    "Run",
    "ShopOrder",
    "ShopSetup",
    "SnapshotItem",
    "Step",
    "Stop",
    "SyncOptions",
    "UndoHold",
    "Unlinked",
    "WebhookSetup",
]
