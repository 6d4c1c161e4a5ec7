"""Tables of trade and warehouse documents: what realises an order. The sample company begins without any."""

from wapro.sample.schema import Table, table

DOCUMENT_TABLES: tuple[Table, ...] = (
    table(
        "DOKUMENT_HANDLOWY",
        "ID_DOKUMENTU_HANDLOWEGO",
        "ID_DOKUMENTU_HANDLOWEGO id!, ID_MAGAZYNU id, TYP_DOKUMENTU c1, ID_DOK_ORYGINALNEGO id, "
        "ID_DOK_KORYGOWANEGO id, DOK_KOREKTY flag=0, ID_TYPU id, NUMER t30, AUTONUMER int, FORMA_PLATNOSCI t50, "
        "DATA_WYSTAWIENIA day, DATA_SPRZEDAZY day, ID_KONTRAHENTA id, ID_PLATNIKA id, UWAGI t1000, TERMIN_PLAT int, "
        "OBLICZANIE_WG_CEN c6, WARTOSC_NETTO money=0, WARTOSC_BRUTTO money=0, RAZEM_ZAPLACONO money=0, "
        "POZOSTALO money=0, PRZELICZNIK_WAL rate=1, DATA_KURS_WAL day, SYM_WAL t3, DATA_OST_ROZLICZENIA day, "
        "ID_FIRMY id!, SEMAFOR id, FLAGA_STANU small=0, FISKALNY_OK flag, NUMER_PARAGONU t30, "
        "TRYBREJESTRACJI flag!=0, ROZLICZONY flag=0, DOK_WAL flag!=0, ID_UZYTKOWNIKA id, KONTRAHENT_NAZWA t50, "
        "PLATNIK_NAZWA t50, KSEF_ID t100, KSEF_STATUS_DOK int, KSEF_STATUS_OPIS t255",
        indexes=("ID_FIRMY POZOSTALO",),
    ),
    table(
        "DOKUMENT_MAGAZYNOWY",
        "ID_DOK_MAGAZYNOWEGO",
        "ID_DOK_MAGAZYNOWEGO id!, ID_KONTRAHENTA id, ID_MAGAZYNU id, ID_DOKUMENTU_HANDLOWEGO id, DOK_KOREKTY flag, "
        "PRZYCHOD flag, ID_TYPU id, FLAGA_STANU small=0, ID_UZYTKOWNIKA id, ROZCHOD flag, NUMER t30, DATA day, "
        "WARTOSC_BRUTTO money, WARTOSC_NETTO money, BRUTTO_NETTO t10, TRYB_ROZCHODU t10, RODZAJ_DOKUMENTU c3, "
        "AUTONUMER int, WYCENA c1, UWAGI t1000, TRYBREJESTRACJI flag!=0, KONTRAHENT_NAZWA t50",
    ),
    table(
        "POZYCJA_DOKUMENTU_MAGAZYNOWEGO",
        "ID_POZ_DOK_MAG",
        "ID_POZ_DOK_MAG id!, ID_DOK_MAGAZYNOWEGO id, ID_DOK_HANDLOWEGO id, ID_ARTYKULU id, POZ_KOREKTY flag, "
        "KOD_VAT c3, ILOSC qty!=0, RODZAJ_POZYCJI c1, DATA day, CENA_NETTO money, CENA_BRUTTO money, "
        "JEDNOSTKA t10, PRZELICZNIK qty, OPIS t500, ID_POZ_ZAM id, NR_SERII t50!='', TRYBREJESTRACJI flag!=0, "
        "FLAGA_STANU small=0, ZNACZNIK_CENY c1='k', ID_POZ_ZAM_ZAL id",
        indexes=(
            "ID_POZ_ZAM",
            "ID_DOK_MAGAZYNOWEGO ID_POZ_DOK_MAG",
            "ID_DOK_HANDLOWEGO ID_POZ_DOK_MAG",
        ),
    ),
    table(
        "ROZRACHUNEK",
        "ID_ROZRACHUNKU",
        "ID_ROZRACHUNKU id!, ID_FIRMY id, ID_KONTRAHENTA id, NR_DOK t30, DATA_DOK day=0, "
        "ID_FAKTURY id, ID_ZAMOWIENIA id",
    ),
)
