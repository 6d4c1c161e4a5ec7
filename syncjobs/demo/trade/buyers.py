"""Who buys in the demo: private people, now and then a company that WAPRO knows, and seldom one that it does not, whose
order is held until somebody has made it a contractor."""

from random import Random

from integrator.canonical.text import fold
from wapro.sample.codes import nip
from wapro.sample.names import COMPANIES

_PRIVATE = (
    ("Natalia", "Kowalczyk", "ul. Kwiatowa 18/4", "60-687", "Poznań"),
    ("Michał", "Zieliński", "ul. Świętego Ducha 3", "80-834", "Gdańsk"),
    ("Agnieszka", "Wróbel", "os. Słoneczne 7/22", "31-956", "Kraków"),
    ("Tomasz", "Jabłoński", "ul. Piękna 40", "50-506", "Wrocław"),
    ("Żaneta", "Łącka", "ul. Świętojańska 7/3", "81-368", "Gdynia"),
    ("Krzysztof", "Górski", "ul. Brzozowa 11", "15-224", "Białystok"),
    ("Ewa", "Szczęsna", "al. Lipowa 2a", "20-020", "Lublin"),
    ("Bartosz", "Ziółkowski", "ul. Polna 55", "87-100", "Toruń"),
    ("Marta", "Król", "ul. Źródlana 9/1", "91-735", "Łódź"),
    ("Sławomir", "Bąk", "Dębowa Góra 14", "96-100", "Skierniewice"),
)
_NAMES = ("first_name", "last_name", "street", "postcode", "city")
_COMPANIES_EVERY = 6
"""So often a company buys."""
_STRANGERS_EVERY = 5
"""So many companies until one comes that WAPRO does not know."""
STRANGER = {
    "company": "Pracownia Florystyczna Mak",
    "tax_number": nip(9000),
    "street": "ul. Makowa 1",
    "postcode": "05-500",
    "city": "Piaseczno",
    "email": "mak@firma.example",
}


def somebody(chance: Random) -> dict[str, str]:
    """A buyer in the words of the shops' counters."""
    if chance.randrange(_COMPANIES_EVERY) == 0:
        known = company(chance.randrange(len(COMPANIES)))
        return known | STRANGER if chance.randrange(_STRANGERS_EVERY) == 0 else known
    person = dict(zip(_NAMES, chance.choice(_PRIVATE), strict=True))
    mail = f"{fold(person['first_name'])}.{fold(person['last_name'])}@kupuje.example"
    return person | {"email": mail, "phone": f"+48 600 {chance.randrange(1000):03d} {chance.randrange(1000):03d}"}


def company(place: int) -> dict[str, str]:
    """A contractor of the sample company, as its buyer types it."""
    name, postcode, city = COMPANIES[place]
    person = dict(zip(_NAMES, _PRIVATE[place % len(_PRIVATE)], strict=True))
    firm = {"company": name, "tax_number": nip(5000 + 20 * place), "postcode": postcode, "city": city}
    return person | firm | {"street": f"ul. Polna {place + 3}", "email": f"biuro{place + 1}@firma.example"}
