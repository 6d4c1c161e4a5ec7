"""What problems with a whole system say: reaching it, its answers, rights, the ERP's database."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import WAIT, Wording

PORT_TODO = _("Check the port, and whether the firewall lets this machine in. SQL Server must have TCP/IP switched on.")

REACHING = {
    Code.NAME_UNKNOWN: Wording(
        (_("The name %(host)s is not known in the network."), _("%(system)s: the server's name is not known.")),
        (_("Check the spelling of the address; if the server is reached over a VPN, check that it is connected."),),
        Turn.CONNECTION,
    ),
    Code.PORT_REFUSED: Wording(
        (
            _("%(host)s refused the connection on port %(port)s."),
            _("%(host)s refused the connection."),
            _("%(system)s: the server refused the connection."),
        ),
        (_("Check the address and its port. If they are right, the shop's server is down or keeps this machine out."),),
        Turn.CONNECTION,
        erp_todo=(PORT_TODO,),
    ),
    Code.UNREACHABLE: Wording(
        (
            _("%(host)s cannot be reached: %(reason)s."),
            _("%(host)s cannot be reached."),
            _("%(system)s: the server cannot be reached."),
        ),
        (_("Check the address in the connection's settings, the VPN and the firewall."),),
        Turn.CONNECTION,
    ),
    Code.SILENT: Wording(
        (_("%(host)s accepted the connection but did not answer."), _("%(system)s: no answer came in time.")),
        (WAIT,),
        Turn.SHOP_OUTAGE,
        Turn.ERP_OUTAGE,
    ),
    Code.ADDRESS_NOT_ALLOWED: Wording(
        (
            _("The address %(host)s points into a private network, and calls there are not allowed."),
            _("The address points into a private network, and calls there are not allowed."),
        ),
        (_("Enter the shop's public address, beginning with https://."),),
        Turn.CONNECTION,
    ),
    Code.TLS_FAILED: Wording(
        (
            _("The certificate of %(host)s was not accepted: %(reason)s."),
            _("The certificate of %(host)s was not accepted."),
            _("%(system)s: the server's certificate was not accepted."),
        ),
        (_("Renew the certificate, or choose in the connection's settings that any certificate is accepted."),),
        Turn.CONNECTION,
    ),
    Code.REDIRECTED: Wording(
        (
            _("%(host)s sends calls on to another address (%(location)s)."),
            _("%(system)s: calls are sent on to another address."),
        ),
        (_("Enter the address the shop really uses, with https:// and with or without www."),),
        Turn.CONNECTION,
    ),
    Code.CONNECTION_LOST: Wording(
        (_("The connection with %(host)s broke."), _("%(system)s: the connection broke.")),
        (WAIT,),
        Turn.SHOP_OUTAGE,
        Turn.ERP_OUTAGE,
    ),
    Code.DEADLINE: Wording(
        (
            _("%(system)s: the answer did not arrive within %(seconds)s seconds."),
            _("%(system)s: the answer did not arrive in time."),
        ),
        (WAIT,),
        Turn.SHOP_OUTAGE,
        Turn.ERP_OUTAGE,
    ),
    Code.TOO_LARGE: Wording(
        (
            _("%(system)s: the answer is larger than the limit of %(limit)s."),
            _("%(system)s: the answer is larger than we accept."),
        ),
        (_("If it is a picture, make it smaller at its source. Otherwise tell our support."),),
        Turn.PERSON,
    ),
}

ANSWERS = {
    Code.NOT_JSON: Wording(
        (
            _("%(system)s answered with a web page instead of data: “%(excerpt)s”."),
            _("%(system)s answered with something other than data."),
        ),
        (_("Check that the address is the shop's own and that the shop is not closed for maintenance."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.UNEXPECTED_ANSWER: Wording(
        (
            _("%(system)s answered %(status)s, which we do not know: “%(excerpt)s”."),
            _("%(system)s answered in a way we do not know (%(status)s)."),
            _("%(system)s answered in a way we do not know."),
        ),
        (_("Open the raw answer below and send it to our support."),),
        Turn.US,
    ),
    Code.SERVER_ERROR: Wording(
        (_("%(system)s reported an error of its own (%(status)s)."), _("%(system)s reported an error of its own.")),
        (WAIT,),
        Turn.SHOP_OUTAGE,
        Turn.ERP_OUTAGE,
    ),
    Code.RATE_LIMITED: Wording(
        (
            _("%(system)s asked us to slow down; we go on in %(seconds)s s."),
            _("%(system)s asked us to slow down."),
        ),
        (_("Nothing to do: the work goes on by itself."),),
        Turn.SHOP_OUTAGE,
    ),
    Code.OUTCOME_UNKNOWN: Wording(
        (_("%(system)s: the change was sent, but no answer came, so we do not know whether it was written."),),
        (_("Nothing to do: before trying again we look there whether it was written."),),
        Turn.SHOP_OUTAGE,
        Turn.ERP_OUTAGE,
    ),
    Code.LOGIN_FAILED: Wording(
        (
            _("%(system)s refused the login of %(user)s: %(reason)s."),
            _("%(system)s refused the login of %(user)s."),
            _("%(system)s refused the login."),
        ),
        (_("Enter the login and password anew in the connection's settings and test them."),),
        Turn.CONNECTION,
    ),
    Code.RIGHT_MISSING: Wording(
        (
            _("%(user)s has no right “%(right)s” to %(resource)s."),
            _("The user has no right “%(right)s” to %(resource)s."),
            _("The user has no right to %(resource)s."),
            _("%(system)s: a right is missing."),
        ),
        (
            _("Give the user this right (%(resource)s) and test the settings again."),
            _("Give the user the missing right and test the settings again."),
        ),
        Turn.SHOP_SETTINGS,
        Turn.ERP_SETTINGS,
    ),
    Code.SECRET_MISSING: Wording(
        (_("The field “%(name)s” of the access data is empty."), _("The access data are not complete.")),
        (_("Complete the access data in the connection's settings."),),
        Turn.CONNECTION,
    ),
    Code.SHOP_UNPAID: Wording(
        (
            _("%(system)s: the shop's subscription is not paid, so it answers no programs."),
            _("The shop's subscription is not paid, so it answers no programs."),
        ),
        (_("Pay the shop's subscription, then synchronise again."),),
        Turn.CONNECTION,
    ),
    Code.SHOP_CLOSED: Wording(
        (_("%(system)s is closed for maintenance."), _("The shop is closed for maintenance.")),
        (WAIT,),
        Turn.SHOP_OUTAGE,
    ),
    Code.CURRENCY_DIFFERS: Wording(
        (
            _("%(system)s sells in %(currency)s, while prices of the ERP are sent as they are."),
            _("The shop sells in another currency, while prices of the ERP are sent as they are."),
        ),
        (_("Choose a price type of the ERP that is kept in the shop's currency."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.WAREHOUSES_ON: Wording(
        (
            _("%(system)s keeps stock per warehouse of its own, so the total cannot be written."),
            _("The shop keeps stock per warehouse of its own, so the total cannot be written."),
        ),
        (_("Leave the stock of this shop unsynchronised, or switch the warehouses module off in its panel."),),
        Turn.SHOP_SETTINGS,
    ),
    Code.MODULE_MISSING: Wording(
        (
            _("%(system)s does not have the module this needs: “%(message)s”."),
            _("%(system)s does not have the module this needs."),
        ),
        (_("Switch the module on in the shop's panel, or leave this out in the connection's options."),),
        Turn.SHOP_SETTINGS,
    ),
}

ERP = {
    Code.DRIVER_MISSING: Wording(
        (
            _("The SQL Server driver does not start on this machine: %(detail)s."),
            _("The SQL Server driver is missing on this machine."),
        ),
        (_("Install on the machine: %(install)s."), _("Install the system library named in the documentation.")),
        Turn.US,
    ),
    Code.NOT_WAPRO: Wording(
        (
            _("The database %(database)s is not a WAPRO Mag database: table %(table)s is missing."),
            _("The database %(database)s is not a WAPRO Mag database."),
            _("This is not a WAPRO Mag database."),
        ),
        (_("Enter the name of the company's database, as WAPRO Mag shows it at login."),),
        Turn.CONNECTION,
    ),
    Code.DATABASE_MISSING: Wording(
        (
            _("There is no database %(database)s on the server, or the login may not open it."),
            _("There is no such database on the server, or the login may not open it."),
        ),
        (_("Check the name of the database and the rights of the login."),),
        Turn.CONNECTION,
    ),
    Code.DATABASE_CHANGED: Wording(
        (_("This is another database than at the first test (another company, or one restored from a backup)."),),
        (_("If it is the same company, moved or restored, confirm that on the page of the WAPRO connection."),),
        Turn.CONNECTION,
    ),
    Code.VERSION_UNSUPPORTED: Wording(
        (
            _("Version %(version)s is not supported."),
            _("%(system)s: this version is not supported."),
        ),
        (_("Update the program, or ask our support whether your version can be used."),),
        Turn.ERP_SETTINGS,
    ),
    Code.PROCEDURE_UNKNOWN: Wording(
        (
            _("The procedure %(procedure)s has other parameters than the ones we know."),
            _("A procedure of WAPRO has other parameters than the ones we know."),
        ),
        (_("Nothing will be written with it. Send the version of WAPRO Mag to our support."),),
        Turn.US,
    ),
    Code.FORMULA_DIFFERS: Wording(
        (
            _(
                "WAPRO's own view shows another stock than the usual formula for %(count)s of %(total)s cards (card: "
                "ours / WAPRO's): %(examples)s."
            ),
            _("WAPRO's own view shows another stock than the chosen formula for %(count)s cards."),
            _("WAPRO's own view shows another stock than the chosen formula."),
        ),
        (_("Compare a few cards and choose the formula that your company uses."),),
        Turn.PERSON,
    ),
    Code.LICENCE_UNCONFIRMED: Wording(
        (_("Nobody has confirmed that the WAPRO Mag licence allows an integration; it cannot be read by a program."),),
        (_("Check the licence in WAPRO Mag and confirm it in the connection's settings."),),
        Turn.PERSON,
    ),
    Code.WRITE_DISABLED: Wording(
        (_("Writing to %(system)s is switched off."), _("Writing is switched off.")),
        (_("Switch it on in the connection's settings if it is wanted."),),
        Turn.CONNECTION,
    ),
    Code.CARD_BEING_EDITED: Wording(
        (_("The card is being edited in WAPRO by %(user)s."), _("The card is being edited in WAPRO right now.")),
        (_("Close the card in WAPRO; the next run will write it."),),
        Turn.ERP_DATA,
    ),
    Code.SNAPSHOT_OLD: Wording(
        (
            _("The picture of WAPRO is older than allowed (%(minutes)s min)."),
            _("The picture of WAPRO is older than allowed."),
        ),
        (WAIT,),
        Turn.ERP_OUTAGE,
    ),
}
