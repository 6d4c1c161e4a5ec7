"""Invented makers, suppliers and customers. Tax numbers add up but have an office code nobody was given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A producer that is a contractor of the company."""

    name: str
    full_name: str
    town: str
    postcode: str
    street: str
    country: str = "PL"


def _maker(name: str, full_name: str, postcode: str, town: str, street: str, country: str = "PL") -> Maker:
    return Maker(name=name, full_name=full_name, postcode=postcode, town=town, street=street, country=country)


MAKERS: tuple[Maker, ...] = (
    _maker("Zielnik", "Zielnik Narzędzia Ogrodnicze Sp. z o.o.", "61-001", "Poznań", "ul. Rabatowa 4"),
    _maker("Ostrzyca", "Zakład Nożowniczy Ostrzyca S.J.", "33-300", "Nowy Sącz", "ul. Ślifierska 11"),
    _maker("Hydroflor", "Hydroflor S.A.", "50-010", "Wrocław", "ul. Źródlana 28"),
    _maker("Kuźnik", "Kuźnia Kuźnik i Synowie", "43-300", "Bielsko-Biała", "ul. Młotowa 2"),
    _maker("Gródek", "Gródek Tworzywa Sp. z o.o.", "86-300", "Grudziądz", "ul. Przędzalniana 90"),
    _maker("Łąkosz", "Łąkosz Nawozy i Nasiona Sp. z o.o.", "24-100", "Puławy", "ul. Łąkowa 7a"),
    _maker("Twardziel", "Twardziel Narzędzia S.A.", "42-200", "Częstochowa", "ul. Hartownicza 15"),
    _maker("Śrubmar", "Śrubmar Marian Śrubiński", "41-800", "Zabrze", "ul. Gwintowa 3"),
    _maker("Jaśmin Dom", "Jaśmin Dom Sp. z o.o. Sp. k.", "90-001", "Łódź", "ul. Jaśminowa 12"),
    _maker("Wiąz", "Wiąz Produkty Leśne", "78-400", "Szczecinek", "ul. Tartaczna 1"),
    _maker("Tęczar", "Tęczar Farby i Nasiona Sp. z o.o.", "35-001", "Rzeszów", "al. Kolorowa 101"),
    _maker("Bławat", "Bławat Tekstylia i Wydawnictwo", "95-200", "Pabianice", "ul. Tkacka 44"),
    _maker("Krzesiwo", "Krzesiwo Grille Sp. z o.o.", "76-200", "Słupsk", "ul. Ognista 6"),
    _maker("Młotan", "Młotan Sp. z o.o.", "44-100", "Gliwice", "ul. Kowalska 19"),
    _maker("Garncarz", "Spółdzielnia Garncarz", "26-067", "Strawczyn", "Gliniana 8"),
    _maker("Pszczelin", "Gospodarstwo Pasieczne Pszczelin", "66-220", "Łagów", "Lipowa 3"),
    _maker("Ptasiek", "Ptasiek Karmy dla Ptaków", "16-300", "Augustów", "ul. Zaułek 5"),
    _maker("Świetlan", "Świetlan Oświetlenie i Chemia S.A.", "02-002", "Warszawa", "ul. Jasna 100"),
    _maker("Olchowy", "Stolarnia Olchowy", "34-400", "Nowy Targ", "os. Podtatrzańskie 14"),
    _maker("Dłoniak", "Dłoniak BHP Sp. z o.o.", "25-001", "Kielce", "ul. Rękawicznicza 9"),
    _maker("Szyszka", "Szyszka Akcesoria Malarskie", "07-410", "Ostrołęka", "ul. Borowa 21"),
    _maker("Wiertan", "Wiertan Elektronarzędzia Sp. z o.o.", "80-001", "Gdańsk", "ul. Prądowa 33"),
    _maker("Grünwald", "Grünwald Werkzeug GmbH", "70173", "Stuttgart", "Gärtnerstraße 8", "DE"),
    _maker("Zahrada Říha", "Zahrada Říha s.r.o.", "602 00", "Brno", "Květná 17", "CZ"),
)
TEXT_ONLY_MAKERS: tuple[str, ...] = ("Manufaktura Lnu", "Ręczna Robota", "Oficyna Rolna")
"""Producers that stand on cards only as text: no contractor has their name."""

SUPPLIERS: tuple[tuple[str, str, str, str], ...] = (
    ("Hurtownia Zagroda", "Hurtownia Ogrodnicza Zagroda Sp. z o.o.", "62-020", "Swarzędz"),
    ("Dystrybucja Południe", "Dystrybucja Południe Sp. z o.o. Sp. k.", "32-005", "Niepołomice"),
    ("Bałtyk Import", "Bałtyk Import-Eksport S.C.", "81-001", "Gdynia"),
    ("Wschodnia Giełda", "Wschodnia Giełda Narzędziowa", "20-001", "Lublin"),
)
COMPANIES: tuple[tuple[str, str, str], ...] = (
    ("Zieleń Miejska Kórnik", "62-035", "Kórnik"),
    ("Szkółka Drzew Dąbrówka", "05-250", "Radzymin"),
    ("Usługi Remontowe Żak", "31-002", "Kraków"),
    ("Pensjonat Pod Świerkiem", "58-580", "Szklarska Poręba"),
    ("Gospodarstwo Rolne Ćwik", "99-300", "Kutno"),
    ("Kwiaciarnia Goździk", "87-100", "Toruń"),
    ("Firma Budowlana Łuczak", "60-101", "Poznań"),
    ("Hotel Nad Jeziorem", "11-500", "Giżycko"),
    ("Przedszkole Tęczowa Łąka", "15-001", "Białystok"),
    ("Zakład Stolarski Wróbel", "38-200", "Jasło"),
    ("Sklep Wielobranżowy U Zosi", "98-300", "Wieluń"),
    ("Wspólnota Mieszkaniowa Dębowa 7", "65-001", "Zielona Góra"),
)
PEOPLE: tuple[tuple[str, str, str, str], ...] = (
    ("Anna", "Wiśniewska", "00-950", "Warszawa"),
    ("Piotr", "Dąbrowski", "40-001", "Katowice"),
    ("Katarzyna", "Wójcik", "70-001", "Szczecin"),
    ("Stanisław", "Żółkiewski", "22-400", "Zamość"),
    ("Małgorzata", "Świątek", "59-220", "Legnica"),
    ("Łukasz", "Śliwiński", "85-001", "Bydgoszcz"),
    ("Zofia", "Ćwiklińska", "10-001", "Olsztyn"),
    ("Grzegorz", "Brzęczyszczykiewicz", "21-077", "Łękołody"),
    ("Jadwiga", "Źdźbło", "63-400", "Ostrów Wielkopolski"),
    ("Paweł", "Kołodziej", "18-400", "Łomża"),
)
