"""Tables of the firm, its programs, its dictionaries and its goods."""

from wapro.sample.schema import Table, table

ITEM_TABLES: tuple[Table, ...] = (
    table(
        "FIRMA",
        "ID_FIRMY",
        "ID_FIRMY id!, NAZWA t50!, NAZWA_PELNA t100, PLATNIK_VAT small, NIP t20, REGON t20, AKTYWNA small, "
        "NAGLOWEK t500, UWAGI t500, MAG small=0",
        unique=("NAZWA",),
    ),
    table(
        "MAGAZYN",
        "ID_MAGAZYNU",
        "ID_MAGAZYNU id!, ID_FIRMY id, NAZWA t50!, SYMBOL t10!, LOKALIZACJA t100, OPIS t200, "
        "STAN_MAGAZYNU t10='Praca', NAGLOWEK t500, MIEJSCE_WYSTAWIENIA t50, WYROZNIK_SYNCHRONIZACJI t20!, "
        "ID_RACHUNKU id!=0, POLE* t100, WSPOLNA_NUM_INDEKSOW small=0, MASKA_I_KATALOG t30, MASKA_I_HANDL t30, "
        "WZORZEC_KAT_ART_TREE small=0",
        unique=("ID_FIRMY SYMBOL NAZWA",),
    ),
    table(
        "UZYTKOWNIK",
        "ID_UZYTKOWNIKA",
        "ID_UZYTKOWNIKA id!, IDENTYFIKATOR t20!, NAZWA t50!, HASLO t41, CZY_AKTYWNY flag, LOG_DODAWANIE flag=0, "
        "LOG_ZMIANA flag=0, LOG_USUWANIE flag=0, NR_SPID int, LOGIN_TIME time, HOSTPROCESS t10, ARCHIWALNY small=0",
        unique=("IDENTYFIKATOR",),
    ),
    table(
        "WAPRODBSTATE",
        "IDTAB",
        "IDTAB id!, PRGKOD small!, PRGNAZWA t257!, PRGWER t20!='0', DBWER money!=0, START small!=0, "
        "ConfigInfo t50, WORKSTATIONS small!=0, ZASOB int, WARIANT t50",
        unique=("PRGKOD", "PRGNAZWA"),
    ),
    table("WAPRODB", "WAPRODB_ID", "WAPRODB_ID guid!=newid()"),
    table("STAWKA_VAT", "KOD_VAT", "KOD_VAT c3!, NAZWA t20, STAWKA percent, AKTYWNY flag"),
    table(
        "JEDNOSTKA",
        "ID_JEDNOSTKI",
        "ID_JEDNOSTKI id!, ID_ARTYKULU id, ID_FIRMY id, NAZWA t20!, SKROT t10!, PRZELICZNIK qty=1, PODZIELNA flag, "
        "WZORZEC_INNEJ flag=0, ARCHIWALNA flag",
        indexes=("ID_ARTYKULU",),
    ),
    table(
        "KATEGORIA_ARTYKULU",
        "ID_KATEGORII",
        "ID_KATEGORII id!, ID_MAGAZYNU id, KOD_VAT c3, NAZWA t50!, NUMER_DZIALU int, MASKA_I_KATALOG t30, "
        "MASKA_I_HANDL t30, ID_DOMYSLNEJ_CENY id=0, SEMAFOR id, FLAGA_STANU flag=0, KOD_VAT_ZAK c3, "
        "GUID_KATEGORIA guid=newid(), POLE* t100, DOMYSLNA flag=0",
        unique=("ID_MAGAZYNU NAZWA",),
    ),
    table(
        "KATEGORIA_ARTYKULU_TREE",
        "ID_KATEGORII_TREE",
        "ID_FIRMY id!, ID_MAGAZYNU id!, ID_KATEGORII_TREE id!, NAZWA t50!, KOD_TREE t30, POZIOM int, "
        "ROZWIN_ZWIN int=1, GUID_KATEGORIA_TREE guid",
        unique=("ID_FIRMY ID_MAGAZYNU KOD_TREE",),
    ),
    table(
        "CENA",
        "ID_CENY",
        "ID_CENY id!, ID_FIRMY id, NAZWA t50!, OPIS t100, DLA_WSZYSTKICH flag, SEMAFOR id, FLAGA_STANU flag=0, "
        "ID_CENY_ZAL id=0, RODZAJ_ZAL small=0, PROCENT_CENY_ZAL percent=0, KWOTA_CENY_ZAL money=0, "
        "ZAOKR_CENY_ZAL int=2, AKT_CEN_PRZY_DOSTAWIE flag=1, KOLEJNOSC id=0",
        unique=("ID_FIRMY NAZWA",),
    ),
    table(
        "ARTYKUL",
        "ID_ARTYKULU",
        "ID_ARTYKULU id!, ID_MAGAZYNU id, ID_KATEGORII id, ID_CENY_DOM id, ID_JEDNOSTKI id, ID_JEDNOSTKI_ZAK id, "
        "ID_JEDNOSTKI_SPRZ id, VAT_ZAKUPU c3, VAT_SPRZEDAZY c3, NAZWA t40!, NAZWA_ORYG t100, NAZWA2 t40, "
        "STAN qty=0, ILOSC_EDYTOWANA qty=0, ZAMOWIONO qty=0, DO_REZERWACJI qty=0, ZAREZERWOWANO qty!=0, "
        "OD_DOSTAWCOW qty, DO_ODBIORCOW qty, INDEKS_KATALOGOWY t20!, IND_KAT_TOWAR_ZAST t20, INDEKS_HANDLOWY t20!, "
        "RODZAJ t10, PLU int=0, SWWKU t10, PKWIU t14, KOD_KRESKOWY t20, STAN_MINIMALNY qty, STAN_MAKSYMALNY qty, "
        "CERTYFIKAT flag, DATA_CERTYFIKATU day, NAZWA_CERTYFIKATU t50, LOKALIZACJA t30, CENA_ZAKUPU_BRUTTO money, "
        "CENA_ZAKUPU_NETTO money, DATA_ZM_CZ day!=36163, OPIS t1000, OSTRZEZENIE t500, POKAZUJ_OSTRZEZENIE flag, "
        "SEMAFOR id=0, FLAGA_STANU flag=0, ID_ARTYKULU_PROD id, JEDNOSTKA_PROD t10, PRZELICZNIK_PROD qty, "
        "ILOSC_PROD qty, UWAGI t1000, KRAJ_POCHODZENIA t3, WAGA size, JED_WAGI t10, WYMIAR_W size, WYMIAR_S size, "
        "WYMIAR_G size, JED_WYMIARU t10, WYROZNIK t50, C_ZAKUPU_NETTO_WAL money, C_ZAKUPU_BRUTTO_WAL money, "
        "SYM_WAL t3, POLE* t100, GUID_ARTYKUL guid=newid(), PODLEGA_RABATOWANIU flag=1, KOD_CN t20, "
        "NAZWA_INTRASTAT t50, ID_JEDNOSTKI_REF id, PROMOCJA_OD day, PROMOCJA_DO day, CENA_PROMOCJI_N money, "
        "CENA_PROMOCJI_B money, PROMOCJA_PROCENT percent=0, PROMOCJA_RABAT flag=0, ZABLOKOWANY flag=0, "
        "WYLACZ_CENY_IND t10='0', AKT_CEN_PRZY_DOSTAWIE flag=1, PRODUCENT t50, ID_OPAKOWANIA_REF id, "
        "CENA_N_KGO money=0, CENA_B_KGO money=0, JEST_ZDJECIE small=0, AKTYWNY_DLA_SYS_ZEW flag!=0, "
        "WYMUSZAJ_DOSTAWY flag=0, ID_FPROM id, MARZOWY flag=0, DOMYSLNY_VAT_ZA_GRANICA flag=0, "
        "DOSTEPNY_W_SKLEPIE_INTER flag=0, ZASADA_ZDEJMOWANIA_ZE_STANU t10, ID_ETYKIETY id=0, AKCYZA flag=0, "
        "AKCYZA_JM t10, ODWROTNY flag=0, ID_PRODUCENTA id, ID_DOSTAWCY_PREFEROWANEGO id, "
        "DOSTEPNY_W_AUKCJACH flag=0, NAZWA_CALA t100, ID_KATEGORII_TREE id, PRG_LOJAL small=0, PRG_ILOSC int=0, "
        "INDEKS_PRODUCENTA t50",
        unique=("ID_MAGAZYNU INDEKS_KATALOGOWY",),
        indexes=("INDEKS_KATALOGOWY ID_MAGAZYNU", "ID_MAGAZYNU KOD_KRESKOWY", "GUID_ARTYKUL"),
    ),
    table(
        "CENA_ARTYKULU",
        "ID_CENA_ARTYKULU",
        "ID_ARTYKULU id!, ID_CENY id!, SYM_WAL t3, PRZELICZNIK_WAL rate=1, OBL_WG_CEN_ZAK flag=0, "
        "CENA_NETTO money, CENA_BRUTTO money, UWAGI t50, AKT_CEN_PRZY_DOSTAWIE flag=1, ID_CENA_ARTYKULU id!",
        indexes=("ID_ARTYKULU ID_CENY",),
    ),
    table(
        "KOD_KRESKOWY",
        "ID_MAGAZYNU KOD_KRESKOWY",
        "ID_MAGAZYNU id!, KOD_KRESKOWY t20!, ID_ARTYKULU id, ID_JEDNOSTKI id=0, DOM_ILOSC count=1, OPIS t1000, "
        "ID_KODU_KRESKOWEGO id!",
        unique=("ID_KODU_KRESKOWEGO",),
        indexes=("ID_ARTYKULU",),
    ),
    table(
        "ARTYKUL_BLOB",
        "ID_BLOBA",
        "ID_BLOBA id!, INDEKS_KATALOGOWY t20!, ZDJECIE bytes, NAZWA t50!, DOMYSLNE small=0, "
        "GUID_ARTYKUL_BLOB guid=newid()",
        unique=("INDEKS_KATALOGOWY NAZWA",),
    ),
    table(
        "DEFINICJA_PRODUKTU",
        "ID_DEFINICJI",
        "ID_DEFINICJI id!, ID_ARTYKULU id, ID_WARIANTU id, ID_SKLADNIKA id, JEDNOSTKA t10, ILOSC qty, "
        "PRZELICZNIK qty, OPIS t1000, KOLEJNOSC int=0",
        unique=("ID_ARTYKULU ID_WARIANTU KOLEJNOSC",),
    ),
)
