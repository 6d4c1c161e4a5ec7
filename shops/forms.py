"""Forms of a shop connection, built from what its platform declares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.accounts.forms import Tabler
from integrator.accounts.models import Client
from shops import logins
from shops.connectors.base import CredentialField, LoginWay, Platform, SettingField
from shops.models import ShopConnection

STOCK_FORMULAS = (
    ("on_hand-in_edit-reserved", gettext_lazy("on hand, less open documents and reservations")),
    ("on_hand-reserved", gettext_lazy("on hand, less reservations")),
    ("on_hand", gettext_lazy("on hand")),
)
CARD_KINDS = (
    ("Towar", gettext_lazy("goods")),
    ("Usługa", gettext_lazy("services")),
    ("Zestaw", gettext_lazy("sets")),
)
FREE_FIELDS = tuple((name, name) for name in (*(f"POLE{number}" for number in range(1, 11)), "WYROZNIK"))


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a long form."""

    name: str
    title: str
    hint: str
    fields: list[forms.BoundField]
    ways: list[tuple[Any, list[forms.BoundField]]] = field(default_factory=list)
    """Alternatives: the radio button of each with the fields that it needs."""


def split(text: str) -> list[str]:
    """Keys typed in one line, parted by commas or spaces, each once."""
    return list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))


def _host(address: str) -> str:
    return urlsplit(address).netloc.casefold()


def saved_on(connection: Any) -> str:
    """What a secret field says once something is stored."""
    at = connection.credentials_saved_at
    if at is None:
        return _("saved; leave empty to keep it")
    return _("saved on %(date)s; leave empty to keep it") % {"date": date_format(timezone.localtime(at), "j E Y")}


class AccessForm(Tabler, forms.ModelForm):
    """Where the shop is and how we log in. Secrets are write-only: an empty field keeps what is stored."""

    address = forms.URLField(label=gettext_lazy("Shop address"), max_length=200, assume_scheme="https")

    class Meta:
        model = ShopConnection
        fields = ["name", "environment", "address"]
        labels = {
            "name": gettext_lazy("Name of the connection"),
            "environment": gettext_lazy("Environment"),
        }

    def __init__(self, *args: Any, platform: Platform, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform = platform
        self.instance.client = client
        self.instance.platform = platform.name
        self.fields["address"].widget.attrs["placeholder"] = "https://"
        self.fields["address"].help_text = _(platform.address_help) if platform.address_help else ""
        if self.instance.pk is None and not self.initial.get("name"):
            self.initial["name"] = platform.label
        if self.instance.pk is not None:
            self.fields["same_shop"] = forms.BooleanField(
                label=_("A new address is the same shop, moved"),
                required=False,
                help_text=_("Links belong to one shop: another one needs a connection of its own."),
            )
        self._add_login()
        for setting in platform.settings:
            self.fields[f"setting_{setting.name}"] = _setting(setting, self.instance.settings)
        self.dress()

    def _add_login(self) -> None:
        stored = self.instance.credentials
        ways = self.platform.login_ways
        if len(ways) > 1:
            optional = {one.name for one in self.platform.credentials if not one.required}
            given = {*optional, *(name for name, value in stored.items() if value)}
            chosen = next((way for way in ways if given.issuperset(way.credentials)), ways[0])
            self.fields["login_way"] = forms.ChoiceField(
                label=_("Way to log in"),
                choices=[(way.name, _(way.label)) for way in ways],
                initial=chosen.name,
                widget=forms.RadioSelect,
                help_text=" ".join(_(way.help) for way in ways if way.help),
            )
        for declared in self.platform.credentials:
            typed = self._credential(declared, stored.get(declared.name, ""))
            typed.needed = declared.required  # type: ignore[attr-defined]
            self.fields[f"credential_{declared.name}"] = typed

    def _credential(self, declared: CredentialField, stored: str) -> forms.Field:
        """A secret is never put into the page again: its field only says that something is stored."""
        label, help_text = _(declared.label), _(declared.help) if declared.help else ""
        if not declared.secret:
            widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
            return forms.CharField(
                label=label, help_text=help_text, required=False, max_length=500, initial=stored, widget=widget
            )
        hidden = forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"})
        if stored:
            hidden.attrs["placeholder"] = saved_on(self.instance)
        return forms.CharField(
            label=label, help_text=help_text, required=False, max_length=2000, strip=False, widget=hidden
        )

    @property
    def sections(self) -> list[Section]:
        own = [self[name] for name in ("name", "environment", "address", "same_shop") if name in self.fields]
        login = [self[name] for name in self.fields if name.startswith("credential_")]
        further = [self[name] for name in self.fields if name.startswith("setting_")]
        hint = _("Stored encrypted, never shown again, used only to talk to this shop.")
        found = [Section("shop", _("The shop"), "", own), Section("login", _("Login"), hint, login, self._ways())]
        if further:
            found.append(Section("further", _("Settings of this platform"), "", further))
        return found

    def _ways(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """A credential that several ways need stands with the first of them."""
        if "login_way" not in self.fields:
            return []
        found, seen = [], set[str]()
        for radio, way in zip(self["login_way"], self.platform.login_ways, strict=True):
            names = [name for name in way.credentials if name not in seen]
            seen.update(names)
            found.append((radio, [self[f"credential_{name}"] for name in names]))
        return found

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        same = ShopConnection.objects.filter(client=self.instance.client, name__iexact=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This client already has a connection of this name."))
        return name

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip().rstrip("/")
        return address

    def _way(self) -> LoginWay:
        ways = self.platform.login_ways
        return next((way for way in ways if way.name == self.cleaned_data.get("login_way")), ways[0])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = self._way().credentials
        # What was typed for one address is never sent to another, whoever changes it.
        self.moved = self.instance.pk is not None and _host(data.get("address", "")) != _host(self.instance.address)
        if self.moved and not data.get("same_shop") and self.instance.links.exists():
            self.add_error("address", _("Elements are linked with the shop at the old address. Is it the same shop?"))
        for declared in self.platform.credentials:
            field = f"credential_{declared.name}"
            stored = self.instance.credentials.get(declared.name) if declared.secret and not self.moved else ""
            missing = not data.get(field) and not stored and field not in self.errors
            if declared.required and declared.name in wanted and missing:
                self.add_error(field, _("This way of logging in needs it."))
        return data

    def save(self, commit: bool = True) -> ShopConnection:
        """Secrets left empty stay as they are; those of another way of logging in are forgotten."""
        connection: ShopConnection = self.instance
        kept = {}
        for declared in self.platform.credentials:
            if declared.name in self._way().credentials:
                typed = self.cleaned_data.get(f"credential_{declared.name}", "")
                stays = declared.secret and not self.moved
                kept[declared.name] = typed or (connection.credentials.get(declared.name, "") if stays else "")
        if self.moved or kept != connection.credentials:
            connection.credentials = kept
            connection.credentials_saved_at = timezone.now()
            connection.token = {}
            if logins.refused(connection):
                connection.healthy = connection.problem = None
        if self.moved:
            connection.facts = {}
            connection.recognised_at = None
            kept = (connection.identity or {}).get("kept", {})
            same = {name: fact for name, fact in kept.items() if name != "address"}
            connection.identity = {"kept": same} if same and self.cleaned_data.get("same_shop") else None
        settings = {one.name: self.cleaned_data[f"setting_{one.name}"] for one in self.platform.settings}
        if {**connection.settings, **settings} != connection.settings:
            connection.settings = {**connection.settings, **settings}
            connection.settings_version += 1
        connection.learnt_at = None
        if commit:
            connection.save()
        return connection


def _setting(declared: SettingField, values: Mapping[str, Any]) -> forms.Field:
    initial = values.get(declared.name, declared.default)
    label, help_text = _(declared.label), _(declared.help) if declared.help else ""
    if declared.kind == "bool":
        return forms.BooleanField(label=label, help_text=help_text, required=False, initial=bool(initial))
    if declared.kind == "choice":
        choices = [(value, _(text) if text else value) for value, text in declared.choices]
        needed = all(value for value, _text in declared.choices)
        return forms.ChoiceField(label=label, help_text=help_text, choices=choices, initial=initial, required=needed)
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=300, initial=initial)


class FilterForm(Tabler, forms.Form):
    """Which ERP cards take part at all. The names are those of the engine's item filter."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of cards"),
        choices=CARD_KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all kinds."),
    )
    web_shop = forms.BooleanField(label=gettext_lazy("only cards flagged for the web shop"), required=False)
    external = forms.BooleanField(label=gettext_lazy("only cards flagged for external systems"), required=False)
    blocked = forms.BooleanField(label=gettext_lazy("blocked cards too"), required=False)
    warehouses = forms.CharField(
        label=gettext_lazy("Kept in one of these warehouses"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Numbers of warehouses, parted by commas. Empty: any."),
    )
    categories = forms.CharField(
        label=gettext_lazy("In one of these categories"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Keys of WAPRO categories, parted by commas. Empty: any."),
    )
    field = forms.ChoiceField(
        label=gettext_lazy("Free field"), choices=(("", gettext_lazy("none")), *FREE_FIELDS), required=False
    )
    value = forms.CharField(label=gettext_lazy("must hold"), required=False, max_length=100)

    DEFAULTS = {"kinds": ["Towar"], "web_shop": True}

    def __init__(self, *args: Any, stored: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        initial: dict[str, Any] = dict(self.DEFAULTS) | dict(stored or {})
        for name in ("warehouses", "categories"):
            initial[name] = ", ".join(initial.get(name, ()))
        kwargs.setdefault("initial", initial)
        kwargs.setdefault("prefix", "filter")
        super().__init__(*args, **kwargs)
        self.dress()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("value") and not data.get("field"):
            self.add_error("field", _("Choose the field that must hold this value."))
        return data

    def stored(self) -> dict[str, Any]:
        """Arguments of the engine's item filter, as they are kept."""
        data = dict(self.cleaned_data)
        data["warehouses"] = split(data["warehouses"])
        data["categories"] = split(data["categories"])
        return data


def _with_chosen(names: list[tuple[str, str]], chosen: Iterable[object]) -> list[tuple[str, str]]:
    """The names to choose from; what is chosen already stays even if WAPRO no longer has it."""
    known = {key for key, _name in names}
    return [*names, *((str(key), str(key)) for key in chosen if str(key) not in known)]


class DataForm(Tabler, forms.ModelForm):
    """What of the ERP goes to this shop, and whether anything is written there at all."""

    warehouses = forms.CharField(
        label=gettext_lazy("Warehouses summed"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Numbers of warehouses, parted by commas. Without any, no stock is sent."),
    )
    stock_formula = forms.ChoiceField(label=gettext_lazy("Stock formula"), choices=STOCK_FORMULAS)

    class Meta:
        model = ShopConnection
        fields = [
            "price_type",
            "promotions",
            "warehouses",
            "stock_formula",
            "stock_buffer",
            "writes_enabled",
            "is_leading",
            "paused",
        ]
        labels = {
            "price_type": gettext_lazy("Price type"),
            "promotions": gettext_lazy("promotional prices, on the days they run"),
            "stock_buffer": gettext_lazy("Safety buffer"),
            "writes_enabled": gettext_lazy("writing to this shop is switched on"),
            "is_leading": gettext_lazy("leading shop of this client"),
            "paused": gettext_lazy("paused: nothing starts by itself"),
        }
        help_texts = {
            "price_type": gettext_lazy("The WAPRO price type that this shop sells at. Without one, no price is sent."),
            "stock_buffer": gettext_lazy("Taken off every quantity before it is sent, in sale units."),
            "writes_enabled": gettext_lazy(
                "Off: everything is fetched, linked and planned, and nothing is written. "
                "Even when it is on, the first plan of each kind waits for approval."
            ),
            "is_leading": gettext_lazy("Only the leading shop may create or change anything in WAPRO."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["stock_buffer"] = f"{self.instance.stock_buffer.normalize():f}"
        self._offer_names()
        self.fields["stock_buffer"].widget.attrs.update({"min": "0", "step": "any"})
        self.dress()

    def _offer_names(self) -> None:
        """Warehouses and price types by name where a test of the ERP has read them, else by their numbers in WAPRO."""
        erp = getattr(self.instance.client, "erp", None)
        facts = erp.facts if erp is not None else {}
        if facts.get("price_types"):
            names = [("", _("none")), *((row["key"], row["name"]) for row in facts["price_types"])]
            self.fields["price_type"] = forms.ChoiceField(
                label=self.fields["price_type"].label,
                help_text=self.fields["price_type"].help_text,
                choices=_with_chosen(names, [self.instance.price_type]),
                required=False,
            )
        if facts.get("warehouses"):
            names = [(row["key"], row["name"]) for row in facts["warehouses"]]
            self.fields["warehouses"] = forms.MultipleChoiceField(
                label=self.fields["warehouses"].label,
                help_text=_("Without any, no stock is sent."),
                choices=_with_chosen(names, self.instance.warehouses),
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
            self.initial["warehouses"] = [str(key) for key in self.instance.warehouses]
        else:
            self.initial["warehouses"] = ", ".join(str(key) for key in self.instance.warehouses)

    @property
    def sections(self) -> list[Section]:
        hint = _("Negative becomes zero; fractions are cut where the shop has none.")
        stock = [self["warehouses"], self["stock_formula"], self["stock_buffer"]]
        return [
            Section("price", _("Price"), "", [self["price_type"], self["promotions"]]),
            Section("stock", _("Stock"), hint, stock),
        ]

    @property
    def switches(self) -> list[forms.BoundField]:
        return [self["writes_enabled"], self["is_leading"], self["paused"]]

    def clean_warehouses(self) -> list[str]:
        chosen: str | list[str] = self.cleaned_data["warehouses"]
        return split(chosen) if isinstance(chosen, str) else chosen

    def clean_stock_buffer(self) -> Decimal:
        buffer: Decimal = self.cleaned_data["stock_buffer"]
        if buffer < 0:
            raise forms.ValidationError(_("A buffer cannot be negative: it would sell what is not there."))
        return buffer

    def clean_is_leading(self) -> bool:
        wanted: bool = self.cleaned_data["is_leading"]
        if wanted:
            others = ShopConnection.objects.filter(client=self.instance.client, is_leading=True)
            other = others.exclude(pk=self.instance.pk).first()
            if other is not None:
                raise forms.ValidationError(
                    _("“%(name)s” is the leading shop. Take it off there first.") % {"name": other.name}
                )
        return wanted
