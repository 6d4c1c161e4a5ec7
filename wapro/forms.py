"""The form of an ERP connection: where the database is, how its cards are read, what may be written."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.accounts.forms import Tabler
from integrator.accounts.models import Client
from wapro.models import WaproConnection

SERVER = re.compile(r"[A-Za-z0-9_.\-:\[\]]+(\\[A-Za-z0-9_$\-]+|,\d{1,5})?")
FREE_FIELDS = tuple((f"POLE{number}", f"POLE{number}") for number in range(1, 11))
GROUP_RULES = (
    ("", gettext_lazy("none: every card is a product of its own")),
    *(
        (name, format_lazy("{}: {}", gettext_lazy("a free field holds the group's code"), name))
        for name, _x in FREE_FIELDS
    ),
    ("prefix", gettext_lazy("the index up to its last separator")),
)
OPTIONS = (1, 2, 3)
"""What tells variants apart: at most so many options."""
LOGINS = ("read_user", "read_password", "write_user", "write_password")


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the form."""

    name: str
    title: str
    hint: str
    fields: list[forms.BoundField]


class ErpForm(Tabler, forms.ModelForm):
    read_user = forms.CharField(label=gettext_lazy("User that reads"), required=False, max_length=128)
    read_password = forms.CharField(label=gettext_lazy("Its password"), required=False, max_length=128, strip=False)
    write_user = forms.CharField(
        label=gettext_lazy("User that writes"),
        required=False,
        max_length=128,
        help_text=gettext_lazy("Needed only when one of the switches below is on. Best another one than the reader."),
    )
    write_password = forms.CharField(label=gettext_lazy("Its password"), required=False, max_length=128, strip=False)
    group_rule = forms.ChoiceField(label=gettext_lazy("Grouping of variants"), choices=GROUP_RULES, required=False)
    group_separator = forms.CharField(label=gettext_lazy("Separator"), required=False, max_length=3, initial="-")
    licence_confirmed = forms.BooleanField(
        label=gettext_lazy("the client's WAPRO licence allows access by other programs"),
        required=False,
        help_text=gettext_lazy("It cannot be read from the database, so a person confirms it, with name and date."),
    )

    class Meta:
        model = WaproConnection
        fields = [
            "name",
            "environment",
            "server",
            "database",
            "encryption",
            "identity_key",
            "leading_warehouse",
            "snapshot_max_age",
            "write_cards",
            "write_import_files",
            "create_directly",
            "experimental_tested_on",
            "write_orders",
            "order_user",
            "retail_contractor",
            "one_off_contractor",
            "create_contractors",
            "tracking_field",
        ]
        labels = {
            "name": gettext_lazy("Name of the connection"),
            "environment": gettext_lazy("Environment"),
            "server": gettext_lazy("Server"),
            "database": gettext_lazy("Database"),
            "encryption": gettext_lazy("Encryption"),
            "identity_key": gettext_lazy("Key of the products"),
            "leading_warehouse": gettext_lazy("Leading warehouse"),
            "snapshot_max_age": gettext_lazy("Data read from WAPRO may be this old, in seconds"),
            "write_cards": gettext_lazy("change plain fields of cards"),
            "write_import_files": gettext_lazy("hand new elements over by import file and work list"),
            "create_directly": gettext_lazy("create cards and units directly (experimental)"),
            "experimental_tested_on": gettext_lazy("Tested on a copy of this database on"),
            "write_orders": gettext_lazy("write orders of shops"),
            "order_user": gettext_lazy("WAPRO user that orders are written as"),
            "retail_contractor": gettext_lazy("Contractor of retail sales"),
            "one_off_contractor": gettext_lazy("One-off contractor"),
            "create_contractors": gettext_lazy("create contractors (experimental)"),
            "tracking_field": gettext_lazy("Column of the tracking number"),
        }
        help_texts = {
            "server": gettext_lazy(
                "Host, host,port or host\\instance. It must be reachable from the server of Integrator."
            ),
            "identity_key": gettext_lazy(
                "What makes the cards of several warehouses one product. It cannot be changed once products are linked."
            ),
            "leading_warehouse": gettext_lazy(
                "Number of the warehouse whose card gives texts, price, VAT and category. Empty: the lowest number."
            ),
            "write_cards": gettext_lazy(
                "A white list of plain fields, on all cards of the product, only while nobody edits them. "
                "This is not a procedure of the vendor: try it on a copy first."
            ),
            "write_import_files": gettext_lazy(
                "Nothing is written: you get the program's own import file for items and prices, "
                "and a list of what is left."
            ),
            "create_directly": gettext_lazy(
                "Writes new rows without the vendor's procedures. "
                "Only after you tried it on a copy of exactly this database; say when."
            ),
            "write_orders": gettext_lazy(
                "By the vendor's procedures, whole or not at all. Which orders go in is chosen for each shop."
            ),
            "order_user": gettext_lazy(
                "Number of a real user of the program (ID_UZYTKOWNIKA): nobody could open the orders of a made-up one."
            ),
            "retail_contractor": gettext_lazy("Number (ID_KONTRAHENTA) of the one that private buyers are booked on."),
            "create_contractors": gettext_lazy(
                "Writes new rows without the vendor's procedures, so it needs the day of the test below as well."
            ),
        }
        widgets = {
            "experimental_tested_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "tracking_field": forms.Select(choices=(("NUMER_PRZESYLKI", "NUMER_PRZESYLKI"), *FREE_FIELDS)),
        }

    def __init__(self, *args: Any, client: Client, user_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.client = client
        self.user_name = user_name
        self.stored_login: dict[str, str] = self.instance.credentials
        self._stored_login()
        self._stored_grouping()
        self.initial["licence_confirmed"] = self.instance.licence_confirmed_on is not None
        self._offer_warehouses()
        self.fields["tracking_field"].required = False
        self.fields["server"].required = self.fields["database"].required = not self.sample
        if self.sample:
            for name in ("server", "database", "encryption", *LOGINS):
                del self.fields[name]
        if self.linked:
            self.fields["identity_key"].disabled = True
        self.dress()

    def _offer_warehouses(self) -> None:
        """By name where a test has read them, else by number."""
        known = [(row["key"], row["name"]) for row in self.instance.facts.get("warehouses", ())]
        leading = self.instance.leading_warehouse
        if leading and leading not in dict(known):
            known.append((leading, leading))
        if self.instance.facts.get("warehouses"):
            self.fields["leading_warehouse"] = forms.ChoiceField(
                label=self.fields["leading_warehouse"].label,
                help_text=_("Its card gives texts, price, VAT and category."),
                choices=[("", _("the lowest number")), *known],
                required=False,
            )

    @property
    def sample(self) -> bool:
        """A sample company is a file of the demo: it has no server to log in to."""
        return self.instance.engine == WaproConnection.Engine.SAMPLE

    @property
    def linked(self) -> bool:
        """Whether elements of this client are linked already: then their key is fixed."""
        if self.instance.pk is None:
            return False
        return any(shop.links.exists() for shop in self.instance.client.shops.all())

    def _stored_login(self) -> None:
        stored = self.instance.credentials
        for name in LOGINS:
            field = self.fields[name]
            field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})
            field.needed = name.startswith("read_")  # type: ignore[attr-defined]
            if name.endswith("_user"):
                self.initial[name] = stored.get(name, "")
                continue
            field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            if stored.get(name):
                field.widget.attrs["placeholder"] = self._saved_on()

    def _saved_on(self) -> str:
        at = self.instance.credentials_saved_at
        if at is None:
            return _("saved; leave empty to keep it")
        return _("saved on %(date)s; leave empty to keep it") % {"date": date_format(timezone.localtime(at), "j E Y")}

    def _stored_grouping(self) -> None:
        rule = self.instance.group_rule
        if rule.startswith("prefix:"):
            self.initial["group_rule"], self.initial["group_separator"] = "prefix", rule.removeprefix("prefix:")
        else:
            self.initial["group_rule"] = rule
        stored = [*self.instance.option_fields, {}, {}, {}]
        for number in OPTIONS:
            entry = stored[number - 1]
            self.fields[f"option_field_{number}"] = forms.ChoiceField(
                label=_("Option %(number)s: free field") % {"number": number},
                choices=(("", _("none")), *FREE_FIELDS),
                required=False,
                initial=entry.get("field", ""),
            )
            self.fields[f"option_name_{number}"] = forms.CharField(
                label=_("Its name in the shop"), required=False, max_length=40, initial=entry.get("name", "")
            )

    @property
    def sections(self) -> list[Section]:
        options = [name for number in OPTIONS for name in (f"option_field_{number}", f"option_name_{number}")]
        login = _("A login of its own that only reads. Passwords are stored encrypted and never shown again.")
        variants = _("Which cards are variants of one shop product, and what tells them apart.")
        own = ["name", "environment", "server", "database", "encryption"]
        parts = [
            ("server", _("Database"), "", own),
            ("login", _("Login"), login, ["read_user", "read_password"]),
            ("cards", _("Cards"), "", ["identity_key", "leading_warehouse", "snapshot_max_age"]),
            ("variants", _("Variants"), variants, ["group_rule", "group_separator", *options]),
            ("licence", _("Licence"), "", ["licence_confirmed"]),
        ]
        found = [
            Section(name, title, hint, [self[field] for field in fields if field in self.fields])
            for name, title, hint, fields in parts
        ]
        return [section for section in found if section.fields]

    @property
    def writing(self) -> list[forms.BoundField]:
        orders = ("write_orders", "order_user", "retail_contractor", "one_off_contractor", "tracking_field")
        cards = ("write_cards", "write_import_files", "create_directly", "create_contractors", "experimental_tested_on")
        names = (*orders, *cards)
        return [self[name] for name in (*names, "write_user", "write_password") if name in self.fields]

    def clean_tracking_field(self) -> str:
        return self.cleaned_data["tracking_field"] or "NUMER_PRZESYLKI"

    def clean_server(self) -> str:
        server: str = self.cleaned_data["server"].strip()
        if not SERVER.fullmatch(server):
            raise forms.ValidationError(_("Write host, host,port or host\\instance."))
        return server

    def clean_experimental_tested_on(self) -> Any:
        day = self.cleaned_data["experimental_tested_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("write_orders") and not data.get("order_user", "").strip():
            self.add_error("order_user", _("Needed."))
        for name in ("order_user", "retail_contractor", "one_off_contractor"):
            if data.get(name, "").strip() and not data[name].strip().isdigit():
                self.add_error(name, _("A number, as WAPRO keeps it."))
        experimental = data.get("create_directly") or data.get("create_contractors")
        if experimental and not data.get("experimental_tested_on"):
            self.add_error("experimental_tested_on", _("Say when it was tested on a copy of this database."))
        if data.get("group_rule") == "prefix" and not data.get("group_separator"):
            self.add_error("group_separator", _("Which character ends the common part?"))
        for number in OPTIONS:
            if bool(data.get(f"option_field_{number}")) != bool(data.get(f"option_name_{number}")):
                self.add_error(f"option_name_{number}", _("An option needs both its field and its name."))
        if not self.sample:
            self._clean_logins(data)
        return data

    def _clean_logins(self, data: dict[str, Any]) -> None:
        # A password is never tried on another server than it was typed for. Here the instance is still as it is stored.
        if self.instance.pk is not None and data.get("server", "").casefold() != self.instance.server.casefold():
            self.stored_login = {}
        stored = self.stored_login
        switches = ("write_cards", "create_directly", "write_orders", "create_contractors")
        writes = any(data.get(name) for name in switches)
        for who, needed in (("read", True), ("write", bool(writes))):
            if needed and not data.get(f"{who}_user"):
                self.add_error(f"{who}_user", _("Needed."))
            if needed and not (data.get(f"{who}_password") or stored.get(f"{who}_password")):
                self.add_error(f"{who}_password", _("Needed."))

    def save(self, commit: bool = True) -> WaproConnection:
        connection: WaproConnection = self.instance
        data = self.cleaned_data
        if not self.sample:
            self._keep_login(connection)
        rule = data["group_rule"]
        connection.group_rule = f"prefix:{data['group_separator']}" if rule == "prefix" else rule
        connection.option_fields = [
            {"field": data[f"option_field_{number}"], "name": data[f"option_name_{number}"].strip()}
            for number in OPTIONS
            if data[f"option_field_{number}"]
        ]
        if data["licence_confirmed"] and connection.licence_confirmed_on is None:
            connection.licence_confirmed_on = timezone.localdate()
            connection.licence_confirmed_by = self.user_name[:150]
        elif not data["licence_confirmed"]:
            connection.licence_confirmed_on, connection.licence_confirmed_by = None, ""
        if commit:
            connection.save()
        return connection

    def _keep_login(self, connection: WaproConnection) -> None:
        """A password left empty stays; it goes with its user when the user is taken away."""
        kept = {}
        for who in ("read", "write"):
            user = self.cleaned_data[f"{who}_user"].strip()
            if user:
                kept[f"{who}_user"] = user
                typed = self.cleaned_data[f"{who}_password"]
                kept[f"{who}_password"] = typed or self.stored_login.get(f"{who}_password", "")
        if kept != connection.credentials:
            connection.credentials = kept
            connection.credentials_saved_at = timezone.now()
