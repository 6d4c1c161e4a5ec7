-- What the program offers to reports: each card with what is available and its default price.
USE WAPRO_SAMPLE;
GO
CREATE VIEW dbo.WIDOK_ARTYKUL
AS
SELECT
    a.ID_ARTYKULU AS IdArtykulu,
    a.ID_MAGAZYNU AS idMagazynu,
    a.INDEKS_KATALOGOWY AS NrKatalogowy,
    a.NAZWA AS Nazwa1,
    a.NAZWA2 AS Nazwa2,
    a.PRODUCENT AS Producent,
    j.SKROT AS JednostkaSprzedazy,
    a.STAN - a.ILOSC_EDYTOWANA - a.ZAREZERWOWANO AS IloscDostepna,
    c.CENA_NETTO AS CenaNettoSprzedazyDomyslna,
    c.CENA_BRUTTO AS CenaBruttoSprzedazyDomyslna,
    a.CENA_PROMOCJI_N AS PromocyjnaCenaNetto,
    a.CENA_ZAKUPU_NETTO AS CenaNettoZakupu,
    a.CENA_N_KGO AS CenaNettoKGO
FROM dbo.ARTYKUL AS a
LEFT JOIN dbo.JEDNOSTKA AS j ON j.ID_JEDNOSTKI = COALESCE(NULLIF(a.ID_JEDNOSTKI_SPRZ, 0), a.ID_JEDNOSTKI)
LEFT JOIN dbo.CENA_ARTYKULU AS c
    ON c.ID_ARTYKULU = a.ID_ARTYKULU AND c.ID_CENY = a.ID_CENY_DOM AND COALESCE(c.SYM_WAL, '') = '';
GO
