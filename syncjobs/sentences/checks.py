"""What the checks of a WAPRO connection ("test settings") say when something is not as it should be."""

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Code, Turn
from syncjobs.sentences.wording import Wording

CHECKING = {
    Code.SAMPLE_COMPANY: Wording(
        (_("This is the sample company: it has no server, so there is nothing to look at."),),
        (_("Nothing to do."),),
        Turn.PERSON,
    ),
    Code.CHECK_SKIPPED: Wording(
        (_("Not looked at, because an earlier check failed."),),
        (_("Mend the failed check above and test the settings again."),),
        Turn.CONNECTION,
    ),
    Code.SERVER_ADDRESS_INVALID: Wording(
        (
            _("“%(value)s” is not the address of a SQL Server."),
            _("The address of the server is empty."),
        ),
        (_("Enter host, host,port or host\\instance: for example 192.168.1.10,1433 or SERVER\\WAPRO."),),
        Turn.CONNECTION,
    ),
    Code.INSTANCE_UNKNOWN: Wording(
        (
            _("There is no instance %(instance)s on %(host)s; there is: %(known)s."),
            _("There is no instance %(instance)s on %(host)s."),
            _("The server has no instance of this name."),
        ),
        (_("Correct the name of the instance in the address (host\\instance)."),),
        Turn.CONNECTION,
    ),
    Code.INSTANCE_WITHOUT_TCP: Wording(
        (
            _("The instance %(instance)s on %(host)s cannot be reached over the network: TCP/IP is off there."),
            _("The instance cannot be reached over the network: TCP/IP is off there."),
        ),
        (_("Switch TCP/IP on in SQL Server Configuration Manager and restart the instance."),),
        Turn.ERP_SETTINGS,
    ),
    Code.BROWSER_SILENT: Wording(
        (
            _("%(host)s does not tell on which port the instance %(instance)s listens (SQL Server Browser, UDP 1434)."),
            _("The server does not tell on which port its instance listens (SQL Server Browser, UDP 1434)."),
        ),
        (
            _(
                "Start the service SQL Server Browser and let UDP 1434 through the firewall; or give the instance a "
                "fixed port and enter host,port."
            ),
        ),
        Turn.ERP_SETTINGS,
    ),
    Code.NOT_SQL_SERVER: Wording(
        (
            _("Something answers on port %(port)s of %(host)s, but it is not a SQL Server."),
            _("Something answers there, but it is not a SQL Server."),
        ),
        (_("Check the port: SQL Server usually listens on 1433."),),
        Turn.CONNECTION,
    ),
    Code.ENCRYPTION_REFUSED: Wording(
        (
            _("The SQL Server on %(host)s cannot encrypt the connection."),
            _("The SQL Server cannot encrypt the connection."),
        ),
        (
            _(
                "Update SQL Server; or, only inside a trusted network or a VPN, choose “not encrypted” in the "
                "connection's settings."
            ),
        ),
        Turn.ERP_SETTINGS,
    ),
    Code.UNENCRYPTED: Wording(
        (
            _("The connection with %(host)s is not encrypted: whoever listens on the way can read the data."),
            _("The connection is not encrypted: whoever listens on the way can read the data."),
        ),
        (_("Choose an encrypted connection unless both machines are in one trusted network or joined by a VPN."),),
        Turn.CONNECTION,
    ),
    Code.COMPATIBILITY_LOW: Wording(
        (
            _("The database runs at compatibility level %(level)s; some queries may be refused."),
            _("The database runs at an old compatibility level; some queries may be refused."),
        ),
        (_("Ask whoever looks after WAPRO whether the level may be raised to 110 or more."),),
        Turn.ERP_SETTINGS,
    ),
    Code.COLLATION_NOT_POLISH: Wording(
        (
            _("The database's collation %(collation)s may not hold Polish letters."),
            _("The database's collation may not hold Polish letters."),
        ),
        (_("Check on a few cards that Polish letters arrive unharmed before anything is written."),),
        Turn.ERP_SETTINGS,
    ),
    Code.TABLES_MISSING: Wording(
        (
            _("Tables are missing, or the login %(user)s may not see them: %(tables)s."),
            _("Tables are missing: %(tables)s."),
            _("Tables of WAPRO Mag are missing."),
        ),
        (_("Give the login the right SELECT to these tables; if they are really not there, tell our support."),),
        Turn.ERP_SETTINGS,
    ),
    Code.COLUMNS_MISSING: Wording(
        (
            _("This version of WAPRO Mag lacks columns that we read: %(columns)s."),
            _("This version of WAPRO Mag lacks columns that we read."),
        ),
        (_("Send this list and the version of WAPRO Mag to our support."),),
        Turn.US,
    ),
    Code.READ_LOGIN_WRITES: Wording(
        (
            _("The login for reading, %(user)s, may also change data: %(tables)s."),
            _("The login for reading may also change data."),
        ),
        (_("Use a login that has only the right SELECT: then no mistake of ours can change anything."),),
        Turn.ERP_SETTINGS,
    ),
    Code.PROCEDURES_DIFFER: Wording(
        (
            _("Procedures of WAPRO that we do not know in this form: %(procedures)s."),
            _("Some procedures of WAPRO are not the ones we know."),
        ),
        (_("Nothing is written with them. Send this list and the version of WAPRO Mag to our support."),),
        Turn.US,
    ),
    Code.VIEW_MISSING: Wording(
        (
            _("The view %(view)s is not there or may not be read, so the stock formula cannot be compared with it."),
            _("There is no view to compare the stock formula with."),
        ),
        (_("Compare the stock of a few cards by hand."),),
        Turn.PERSON,
    ),
    Code.IDENTITY_EMPTY: Wording(
        (
            _("%(count)s cards have no value in the identity key and take no part: %(examples)s."),
            _("Some cards have no value in the identity key and take no part."),
        ),
        (_("Fill the key in on these cards, or choose another identity key in the connection's settings."),),
        Turn.ERP_DATA,
    ),
    Code.IDENTITY_REPEATED: Wording(
        (
            _("%(count)s values of the identity key stand on several cards of one warehouse: %(examples)s."),
            _("Some values of the identity key stand on several cards of one warehouse."),
        ),
        (_("Give each card of a warehouse its own key, or choose another identity key."),),
        Turn.ERP_DATA,
    ),
    Code.IDENTITY_PER_WAREHOUSE: Wording(
        (
            _(
                "The identity key is the id of the card, so only the cards of one warehouse take part; %(count)s "
                "warehouses hold cards."
            ),
            _("The identity key is the id of the card, so only the cards of one warehouse take part."),
        ),
        (_("Choose the catalogue index or the GUID as the identity key."),),
        Turn.CONNECTION,
    ),
    Code.CARDS_UNREADABLE: Wording(
        (
            _("%(count)s cards have values that cannot be read: %(examples)s."),
            _("Some cards have values that cannot be read."),
        ),
        (_("Correct these cards in WAPRO; until then they are not written."),),
        Turn.ERP_DATA,
    ),
    Code.EANS_REPEATED: Wording(
        (
            _("%(count)s EANs stand on several products: %(examples)s."),
            _("Some EANs stand on several products."),
        ),
        (_("Give each product its own EAN; until then these products are not linked by it."),),
        Turn.ERP_DATA,
    ),
    Code.CARDS_DIFFER: Wording(
        (
            _("Cards of %(count)s products disagree between warehouses: %(examples)s."),
            _("Cards of some products disagree between warehouses."),
        ),
        (_("Make the cards equal in WAPRO; until then these products are not written."),),
        Turn.ERP_DATA,
    ),
    Code.WAREHOUSE_UNSET: Wording(
        (
            _("No leading warehouse is chosen; warehouse %(warehouse)s is used. There is: %(known)s."),
            _("No leading warehouse is chosen."),
        ),
        (_("Choose the warehouse whose cards give names, prices and VAT."),),
        Turn.CONNECTION,
    ),
    Code.WAREHOUSE_UNKNOWN: Wording(
        (
            _("The leading warehouse %(warehouse)s does not exist. There is: %(known)s."),
            _("The leading warehouse does not exist."),
        ),
        (_("Choose one of the existing warehouses in the connection's settings."),),
        Turn.CONNECTION,
    ),
    Code.LICENCE_OLD: Wording(
        (
            _("The licence was last confirmed on %(day)s, more than a year ago."),
            _("The licence was last confirmed more than a year ago."),
        ),
        (_("Check the licence in WAPRO Mag and confirm it again in the connection's settings."),),
        Turn.PERSON,
    ),
}
