"""Who decided what: the one way to write the record, and its words for the page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from integrator.accounts.models import AuditEntry, Client, Firm, User

WORDS = {
    "client.add": _("added the client"),
    "client.change": _("changed the client"),
    "client.pause": _("paused the client"),
    "client.resume": _("resumed the client"),
    "member.add": _("gave access to"),
    "member.role": _("changed the role of"),
    "member.password": _("gave a new one-time password to"),
    "member.remove": _("took access away from"),
    "member.invite": _("invited"),
    "member.invite_again": _("sent a new invitation to"),
    "member.uninvite": _("called off the invitation of"),
    "member.accept": _("took up the invitation of"),
    "firm.second_factor": _("changed who needs a second factor in"),
    "factor.app_on": _("set up an authenticator app for"),
    "factor.app_off": _("switched the authenticator app off for"),
    "factor.passkey_add": _("added a passkey for"),
    "factor.passkey_remove": _("removed a passkey of"),
    "factor.codes": _("made new recovery codes for"),
    "factor.code_used": _("signed in or confirmed with a recovery code of"),
    "factor.reset": _("took the second factor away from"),
    "alerts.add": _("had alerts sent to the webhook"),
    "alerts.change": _("changed the webhook for alerts"),
    "alerts.secret": _("made a new secret of the webhook for alerts"),
    "alerts.remove": _("removed the webhook for alerts"),
    "alerts.pause": _("paused the webhook for alerts"),
    "alerts.resume": _("resumed the webhook for alerts"),
    "shop.add": _("added the shop connection"),
    "shop.change": _("changed the shop connection"),
    "shop.remove": _("removed the shop connection"),
    "shop.pause": _("paused the shop connection"),
    "shop.resume": _("resumed the shop connection"),
    "shop.restored": _("began anew after a restored backup with the shop"),
    "shop.writes_on": _("switched writing on for the shop"),
    "shop.writes_off": _("switched writing off for the shop"),
    "shop.faults_on": _("switched a fault on in the simulated shop"),
    "shop.faults_off": _("switched all faults off in the simulated shop"),
    "shop.webhooks_on": _("asked for the webhooks of the shop to be turned on:"),
    "shop.webhooks_off": _("asked for the webhooks of the shop to be turned off:"),
    "erp.add": _("added the WAPRO connection"),
    "erp.change": _("changed the WAPRO connection"),
    "erp.database": _("confirmed another database behind the WAPRO connection"),
    "erp.writes": _("changed what may be written to WAPRO"),
    "shop.identity": _("confirmed another shop behind the connection"),
    "orders.let_go": _("let orders go on beyond the limit of the day at"),
    "orders.forget": _("took a buyer's data out of orders of"),
    "orders.hand_over": _("handed over a buyer's data from orders of"),
    "run.start": _("started a synchronisation of"),
    "run.preview": _("started a preview of"),
    "run.cancel": _("stopped"),
    "run.undo": _("asked for the undo of"),
    "hold.release": _("released what an undo held:"),
    "stop.press": _("stopped all writing of"),
    "stop.release": _("let writing go on at"),
    "step.approve": _("approved the plan"),
    "step.first_word": _("approved as the first of two people the plan"),
    "step.reject": _("rejected the plan"),
    "step.leave_out": _("left changes out of the plan"),
    "step.put_back": _("put changes back into the plan"),
    "options.change": _("changed the options of"),
    "configuration.apply": _("took a configuration over into"),
    "template.save": _("saved the template"),
    "template.rename": _("renamed the template"),
    "template.remove": _("removed the template"),
    "wizard.save": _("saved a part of the set-up of"),
    "wizard.on": _("switched flows on in the set-up of"),
    "wizard.off": _("switched flows off in the set-up of"),
    "wizard.try_orders": _("tried orders in the set-up of"),
    "link.add": _("made the link"),
    "link.remove": _("took the link apart"),
    "deed.undo": _("took back what was done with"),
    "link.primary": _("chose the way back for"),
    "mark.add": _("marked"),
    "mark.remove": _("took the mark off"),
    "conflict.decide": _("decided the conflict of"),
    "conflict.decide_many": _("decided alike all conflicts of"),
    "conflict.take_back": _("took back the decision about"),
    "conflict.rule": _("made a rule of"),
    "conflict.unrule": _("took back the rule of"),
    "dead.again": _("had tried again what was given up:"),
    "dead.aside": _("laid aside what was given up:"),
    "order.retry": _("had decided again about the order"),
    "order.overrule": _("imported anyway the order"),
    "order.leave": _("left alone the order"),
    "order.cancel": _("cancelled in WAPRO the order"),
    "order.seen": _("left as it is in WAPRO the order"),
    "orders.settings": _("changed the settings of orders of"),
    "orders.mapping": _("changed the mappings of orders of"),
    "orders.policy": _("changed what happens to orders of"),
    "orders.documents": _("changed which documents are asked for by orders of"),
}
"""What each verb reads like between a person and the subject. A verb without words is shown as it is."""


def record(
    user: User | None,
    verb: str,
    subject: str,
    *,
    client: Client | None = None,
    firm: Firm | None = None,
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one decision. Give the client, or the firm where no client is concerned. Never put a secret in `data`."""
    owner = client.firm if client is not None else firm
    if owner is None:
        raise ValueError("an audit entry belongs to a client or a firm")
    return AuditEntry.objects.create(
        firm=owner, client=client, user=user, verb=verb, subject=subject[:200], data=data or {}
    )


def words(verb: str) -> str:
    """The verb in the reader's language."""
    return str(WORDS.get(verb, verb))
