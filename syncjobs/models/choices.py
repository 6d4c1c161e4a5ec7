"""Words of the pipeline's tables, with their names on screen."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    ERP = "erp", _("WAPRO")
    SHOP = "shop", _("shop")


class KindName(models.TextChoices):
    UNIT = "unit", _("units")
    TAX_RATE = "tax_rate", _("tax rates")
    PRODUCER = "producer", _("producers")
    CATEGORY = "category", _("categories")
    PRODUCT = "product", _("products")
    GROUP = "group", _("products with variants")
    IMAGE = "image", _("images")
    PRICE = "price", _("prices")
    STOCK = "stock", _("stock")


class Status(models.TextChoices):
    """States of runs and steps."""

    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    WAITING = "waiting", _("waiting for approval")
    SUCCEEDED = "succeeded", _("succeeded")
    PARTLY = "partly", _("partly")
    FAILED = "failed", _("failed")
    BLOCKED = "blocked", _("blocked")
    CANCELLED = "cancelled", _("cancelled")


OPEN_STATUSES = (Status.QUEUED, Status.RUNNING, Status.WAITING)
STARTED_STATUSES = (Status.RUNNING, Status.WAITING)


class Phase(models.TextChoices):
    """Phases of a step: a) fetch, b) link, plan and guard, c) update, d) create and delete, verify."""

    GATES = "gates", _("checking what it depends on")
    FETCH_ERP = "fetch_erp", _("fetching from WAPRO")
    FETCH_SHOP = "fetch_shop", _("fetching from the shop")
    LINK = "link", _("linking")
    PLAN = "plan", _("planning")
    GUARD = "guard", _("checking the plan")
    UPDATE = "update", _("updating linked elements")
    CREATE = "create", _("creating and deleting")
    VERIFY = "verify", _("verifying")
    DONE = "done", _("done")


class Action(models.TextChoices):
    UPDATE_SHOP = "update_shop", _("update in the shop")
    UPDATE_ERP = "update_erp", _("update in WAPRO")
    CREATE_SHOP = "create_shop", _("create in the shop")
    CREATE_ERP = "create_erp", _("create in WAPRO")
    DELETE_SHOP = "delete_shop", _("delete from the shop")
    DEACTIVATE_SHOP = "deactivate_shop", _("hide in the shop")
    UNLINK = "unlink", _("break the link")
    """Only an undo plans that."""


UPDATE_ACTIONS = (Action.UPDATE_SHOP, Action.UPDATE_ERP, Action.DEACTIVATE_SHOP)


class ChangeStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    SENT = "sent", _("sent")
    APPLIED = "applied", _("applied")
    UNKNOWN = "unknown", _("outcome unknown")
    FAILED = "failed", _("failed")
    BLOCKED = "blocked", _("blocked")
    STALE = "stale", _("out of date")
    DECLINED = "declined", _("declined")
    HANDED_OVER = "handed_over", _("handed over")
    DRIFTED = "drifted", _("kept differently")


class LinkState(models.TextChoices):
    LINKED = "linked", _("linked")
    ERP_GONE = "erp_gone", _("gone from WAPRO")
    SHOP_GONE = "shop_gone", _("gone from the shop")
    BOTH_GONE = "both_gone", _("gone from both")


class Origin(models.TextChoices):
    RULE = "rule", _("by the criterion")
    SUGGESTION = "suggestion", _("from a suggestion")
    PERSON = "person", _("by a person")
    CREATED = "created", _("created by a run")


class Mark(models.TextChoices):
    IGNORED = "ignored", _("ignored")
    EXCLUDED = "excluded", _("excluded from the gate")
    FROZEN = "frozen", _("frozen")
