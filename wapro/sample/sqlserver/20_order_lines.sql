-- Stand-ins for the vendor's procedures: order header, lines, totals and prices.
-- Names and parameter lists are the vendor's, the bodies are ours: they do what callers can see the real ones do.
USE WAPRO_SAMPLE;
GO
CREATE FUNCTION dbo.JL_Func_ObliczBrutto (@netto decimal(14,4), @vat char(3))
RETURNS decimal(14,4)
AS
BEGIN
    DECLARE @stawka decimal(8,4);
    SELECT @stawka = STAWKA FROM dbo.STAWKA_VAT WHERE KOD_VAT = @vat;
    RETURN (ROUND(@netto * (100 + COALESCE(@stawka, 0)) / 100, 2));
END;
GO
-- Like the vendor's, a procedure that meets bad input ends the whole transaction of its caller (who then sees error 266).
CREATE PROCEDURE dbo.RM_DodajZamowienie_Server
    @p01_id_firmy numeric(18,0),
    @p02_id_kontrahenta numeric(18,0),
    @p03_id_magazynu numeric(18,0),
    @p04_typ tinyint,
    @p05_data int,
    @p06_id_uzytkownika numeric(18,0),
    @p07_trybrejestracji tinyint,
    @p08_brutto_netto char(6),
    @p09_flaga_stanu tinyint,
    @p10_id_zamowienia numeric(18,0) OUTPUT,
    @p11_unknown tinyint = 0
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @blad nvarchar(200), @nazwa varchar(50), @forma varchar(50), @dni int;
    SET @p10_id_zamowienia = NULL;

    SELECT @nazwa = NAZWA, @forma = FORMA_PLATNOSCI, @dni = TERMIN_NALEZNOSCI
    FROM dbo.KONTRAHENT
    WHERE ID_KONTRAHENTA = @p02_id_kontrahenta AND ID_FIRMY = @p01_id_firmy;
    IF @nazwa IS NULL
        SET @blad = N'Nie ma takiego kontrahenta.';
    IF NOT EXISTS (SELECT 1 FROM dbo.MAGAZYN WHERE ID_MAGAZYNU = @p03_id_magazynu AND ID_FIRMY = @p01_id_firmy)
        SET @blad = N'Nie ma takiego magazynu.';
    IF NOT EXISTS (SELECT 1 FROM dbo.UZYTKOWNIK WHERE ID_UZYTKOWNIKA = @p06_id_uzytkownika)
        SET @blad = N'Nie ma takiego użytkownika.';
    IF @p04_typ NOT IN (1, 2)
        SET @blad = N'Nieznany typ zamówienia.';
    IF @p08_brutto_netto NOT IN ('Netto', 'Brutto')
        SET @blad = N'Zamówienie liczy się od cen netto albo brutto.';
    IF @blad IS NOT NULL
    BEGIN
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        RAISERROR(@blad, 16, 1);
        RETURN (1);
    END;

    BEGIN TRANSACTION;
    SELECT @p10_id_zamowienia = COALESCE(MAX(ID_ZAMOWIENIA), 0) + 1
    FROM dbo.ZAMOWIENIE WITH (UPDLOCK, HOLDLOCK);
    INSERT INTO dbo.ZAMOWIENIE (
        ID_ZAMOWIENIA, ID_FIRMY, ID_KONTRAHENTA, ID_MAGAZYNU, TYP, DATA, DATA_REALIZACJI, NUMER, SEMAFOR,
        ID_UZYTKOWNIKA, TRYBREJESTRACJI, OBLICZANIE_WG_CEN, FLAGA_STANU, STATUS_ZAM, KONTRAHENT_NAZWA,
        FORMA_PLATNOSCI, DNI_PLATNOSCI, SYM_WAL, NR_ZAMOWIENIA_KLIENTA
    )
    VALUES (
        @p10_id_zamowienia, @p01_id_firmy, @p02_id_kontrahenta, @p03_id_magazynu, @p04_typ, @p05_data, @p05_data, '',
        @p06_id_uzytkownika, @p06_id_uzytkownika, @p07_trybrejestracji, @p08_brutto_netto, @p09_flaga_stanu, '',
        @nazwa, @forma, @dni, '', ''
    );
    COMMIT TRANSACTION;
    RETURN (0);
END;
GO
CREATE PROCEDURE dbo.RM_DodajZamowienie
    @id_firmy numeric(18,0),
    @id_kontrahenta numeric(18,0),
    @id_magazynu numeric(18,0),
    @typ tinyint,
    @data int,
    @semafor numeric(18,0),
    @trybrejestracji tinyint,
    @brutto_netto char(6)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @id numeric(18,0), @wynik int;
    EXEC @wynik = dbo.RM_DodajZamowienie_Server
        @id_firmy, @id_kontrahenta, @id_magazynu, @typ, @data, @semafor, @trybrejestracji, @brutto_netto, 1,
        @id OUTPUT;
    IF @wynik = 0
        SELECT @id;
    RETURN (@wynik);
END;
GO
CREATE PROCEDURE dbo.RM_DodajPozycjeZamowienia_Server
    @p01_id_pozycji numeric(18,0),
    @p02_id_zamowienia numeric(18,0),
    @p03_id_artykulu numeric(18,0),
    @p04_kod_vat char(3),
    @p05_zamowiono decimal(16,6),
    @p06_zrealizowano decimal(16,6),
    @p07_zarezerwowano decimal(16,6),
    @p08_do_rezerwacji decimal(16,6),
    @p09_cena_netto decimal(14,4),
    @p10_cena_brutto decimal(14,4),
    @p11_cena_netto_wal decimal(14,4),
    @p12_cena_brutto_wal decimal(14,4),
    @p13_przelicznik decimal(16,6),
    @p14_jednostka varchar(10),
    @p15_narzut decimal(8,4),
    @p16_opis varchar(500),
    @p17_znak_narzutu tinyint,
    @p18_trybrejestracji tinyint,
    @p19_id_dostawy_rez numeric(18,0),
    @p20_id_wariantu numeric(18,0),
    @p21_znacznik_ceny char(1)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @blad nvarchar(200), @magazyn numeric(18,0), @typ tinyint, @id numeric(18,0);
    SELECT @magazyn = ID_MAGAZYNU, @typ = TYP
    FROM dbo.ZAMOWIENIE
    WHERE ID_ZAMOWIENIA = @p02_id_zamowienia AND FLAGA_STANU = 1;
    IF @magazyn IS NULL
        SET @blad = N'Zamówienia nie ma albo jest już zatwierdzone.';
    IF NOT EXISTS (SELECT 1 FROM dbo.ARTYKUL WHERE ID_ARTYKULU = @p03_id_artykulu AND ID_MAGAZYNU = @magazyn)
        SET @blad = N'Artykułu nie ma w magazynie zamówienia.';
    ELSE IF EXISTS (SELECT 1 FROM dbo.ARTYKUL WHERE ID_ARTYKULU = @p03_id_artykulu AND ZABLOKOWANY = 1)
        SET @blad = N'Kartoteka artykułu jest zablokowana.';
    IF NOT EXISTS (SELECT 1 FROM dbo.STAWKA_VAT WHERE KOD_VAT = @p04_kod_vat)
        SET @blad = N'Nie ma takiej stawki VAT.';
    IF @p05_zamowiono < 0 OR @p13_przelicznik <= 0
        SET @blad = N'Ilość i przelicznik muszą być dodatnie.';
    IF NOT EXISTS (
        SELECT 1 FROM dbo.JEDNOSTKA
        WHERE SKROT = @p14_jednostka AND (ID_ARTYKULU IS NULL OR ID_ARTYKULU = @p03_id_artykulu)
    )
        SET @blad = N'Artykuł nie ma takiej jednostki.';
    IF @blad IS NOT NULL
    BEGIN
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        RAISERROR(@blad, 16, 1);
        RETURN (1);
    END;

    BEGIN TRANSACTION;
    SELECT @id = COALESCE(MAX(ID_POZYCJI_ZAMOWIENIA), 0) + 1
    FROM dbo.POZYCJA_ZAMOWIENIA WITH (UPDLOCK, HOLDLOCK);
    INSERT INTO dbo.POZYCJA_ZAMOWIENIA (
        ID_POZYCJI_ZAMOWIENIA, ID_ZAMOWIENIA, ID_ARTYKULU, ID_WARIANTU, KOD_VAT, ZAMOWIONO, ZREALIZOWANO,
        ZAREZERWOWANO, DO_REZERWACJI, CENA_NETTO, CENA_BRUTTO, CENA_NETTO_WAL, CENA_BRUTTO_WAL, PRZELICZNIK,
        JEDNOSTKA, NARZUT, DO_REZ_USER, TYP, OPIS, TRYBREJESTRACJI, ZNACZNIK_CENY, ID_DOSTAWY_REZ, NR_SERII
    )
    VALUES (
        @id, @p02_id_zamowienia, @p03_id_artykulu, @p20_id_wariantu, @p04_kod_vat, @p05_zamowiono, @p06_zrealizowano,
        @p07_zarezerwowano, @p08_do_rezerwacji, @p09_cena_netto, @p10_cena_brutto, @p11_cena_netto_wal,
        @p12_cena_brutto_wal, @p13_przelicznik, @p14_jednostka, @p15_narzut, @p08_do_rezerwacji, @typ, @p16_opis,
        @p18_trybrejestracji, @p21_znacznik_ceny, @p19_id_dostawy_rez, ''
    );
    COMMIT TRANSACTION;
    RETURN (0);
END;
GO
CREATE PROCEDURE dbo.RM_DodajPozycjeZamowienia
    @ID_POZYCJI_ZAMOWIENIA numeric(18,0),
    @ID_ZAMOWIENIA numeric(18,0),
    @ID_ARTYKULU numeric(18,0),
    @KOD_VAT char(3),
    @ZAMOWIONO decimal(16,6),
    @ZREALIZOWANO decimal(16,6),
    @ZAREZERWOWANO decimal(16,6),
    @DO_REZERWACJI decimal(16,6),
    @CENA_NETTO decimal(14,4),
    @CENA_BRUTTO decimal(14,4),
    @CENA_NETTO_WAL decimal(14,4),
    @CENA_BRUTTO_WAL decimal(14,4),
    @PRZELICZNIK decimal(16,6),
    @JEDNOSTKA varchar(10),
    @NARZUT decimal(8,4),
    @OPIS varchar(500),
    @ZNAK_NARZUTU tinyint,
    @trybrejestracji tinyint,
    @ID_DOSTAWY_REZ numeric(18,0),
    @ID_WARIANTU_PRODUKTU numeric(18,0),
    @ZNACZNIK_CENY char(1),
    @NR_SERII varchar(50),
    @TYP_TRANSKACJI_TRANSGRANICZNEJ varchar(50)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @wynik int;
    EXEC @wynik = dbo.RM_DodajPozycjeZamowienia_Server
        @ID_POZYCJI_ZAMOWIENIA, @ID_ZAMOWIENIA, @ID_ARTYKULU, @KOD_VAT, @ZAMOWIONO, @ZREALIZOWANO, @ZAREZERWOWANO,
        @DO_REZERWACJI, @CENA_NETTO, @CENA_BRUTTO, @CENA_NETTO_WAL, @CENA_BRUTTO_WAL, @PRZELICZNIK, @JEDNOSTKA,
        @NARZUT, @OPIS, @ZNAK_NARZUTU, @trybrejestracji, @ID_DOSTAWY_REZ, @ID_WARIANTU_PRODUKTU, @ZNACZNIK_CENY;
    IF @wynik = 0 AND @NR_SERII <> ''
        UPDATE dbo.POZYCJA_ZAMOWIENIA
        SET NR_SERII = @NR_SERII
        WHERE ID_POZYCJI_ZAMOWIENIA = (
            SELECT MAX(ID_POZYCJI_ZAMOWIENIA) FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @ID_ZAMOWIENIA
        );
    RETURN (@wynik);
END;
GO
-- The basis (net or gross) is summed over the lines, the other value is computed once per VAT rate.
CREATE PROCEDURE dbo.RM_SumujZamowienie_Server
    @p01_id_zamowienia numeric(18,0),
    @p02_suma_netto decimal(16,4) OUTPUT,
    @p03_suma_brutto decimal(16,4) OUTPUT,
    @p04_suma_netto_wal decimal(16,4) OUTPUT,
    @p05_suma_brutto_wal decimal(16,4) OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @wg char(6);
    SELECT @wg = OBLICZANIE_WG_CEN FROM dbo.ZAMOWIENIE WHERE ID_ZAMOWIENIA = @p01_id_zamowienia;

    SELECT
        @p02_suma_netto = COALESCE(SUM(
            CASE WHEN @wg = 'Brutto' THEN ROUND(s.brutto * 100 / (100 + s.stawka), 2) ELSE s.netto END
        ), 0),
        @p03_suma_brutto = COALESCE(SUM(
            CASE WHEN @wg = 'Brutto' THEN s.brutto ELSE ROUND(s.netto * (100 + s.stawka) / 100, 2) END
        ), 0),
        @p04_suma_netto_wal = COALESCE(SUM(s.netto_wal), 0),
        @p05_suma_brutto_wal = COALESCE(SUM(s.brutto_wal), 0)
    FROM (
        SELECT
            p.KOD_VAT,
            MAX(v.STAWKA) AS stawka,
            SUM(ROUND(p.ZAMOWIONO * p.CENA_NETTO, 2)) AS netto,
            SUM(ROUND(p.ZAMOWIONO * p.CENA_BRUTTO, 2)) AS brutto,
            SUM(ROUND(p.ZAMOWIONO * p.CENA_NETTO_WAL, 2)) AS netto_wal,
            SUM(ROUND(p.ZAMOWIONO * p.CENA_BRUTTO_WAL, 2)) AS brutto_wal
        FROM dbo.POZYCJA_ZAMOWIENIA AS p
        INNER JOIN dbo.STAWKA_VAT AS v ON v.KOD_VAT = p.KOD_VAT
        WHERE p.ID_ZAMOWIENIA = @p01_id_zamowienia
        GROUP BY p.KOD_VAT
    ) AS s;
    RETURN (0);
END;
GO
CREATE PROCEDURE dbo.RM_SumujZamowienie
    @id_zamowienia numeric(18,0)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @netto decimal(16,4), @brutto decimal(16,4), @netto_wal decimal(16,4), @brutto_wal decimal(16,4);
    EXEC dbo.RM_SumujZamowienie_Server
        @id_zamowienia, @netto OUTPUT, @brutto OUTPUT, @netto_wal OUTPUT, @brutto_wal OUTPUT;
    UPDATE dbo.ZAMOWIENIE
    SET
        WARTOSC_NETTO = @netto,
        WARTOSC_BRUTTO = @brutto,
        WARTOSC_NETTO_WAL = @netto_wal,
        WARTOSC_BRUTTO_WAL = @brutto_wal
    WHERE ID_ZAMOWIENIA = @id_zamowienia;
    RETURN (0);
END;
GO
-- Marks each price: k as in the price list of the card, m typed by hand.
CREATE PROCEDURE dbo.RM_KontrolaCenPozycjiZamowienia
    @p01_id_zamowienia numeric(18,0),
    @p02_id_uzytkownika numeric(18,0)
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE p
    SET ZNACZNIK_CENY = CASE WHEN EXISTS (
        SELECT 1
        FROM dbo.CENA_ARTYKULU AS c
        WHERE c.ID_ARTYKULU = p.ID_ARTYKULU AND COALESCE(c.SYM_WAL, '') = ''
            AND ROUND(c.CENA_NETTO * p.PRZELICZNIK, 2) = p.CENA_NETTO
    ) THEN 'k' ELSE 'm' END
    FROM dbo.POZYCJA_ZAMOWIENIA AS p
    WHERE p.ID_ZAMOWIENIA = @p01_id_zamowienia;
    RETURN (0);
END;
GO
-- Prices all lines from the price type of the contractor's group; a line without such a price keeps its own.
CREATE PROCEDURE dbo.RM_UstawCenyAktualne
    @id_zamowienia numeric(18,0),
    @id_sesji numeric(18,0),
    @uzycie int,
    @id_kontr numeric(18,0)
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE p
    SET
        CENA_NETTO = ROUND(c.CENA_NETTO * p.PRZELICZNIK, 2),
        CENA_BRUTTO = ROUND(c.CENA_BRUTTO * p.PRZELICZNIK, 2),
        ZNACZNIK_CENY = 'k'
    FROM dbo.POZYCJA_ZAMOWIENIA AS p
    INNER JOIN dbo.KONTRAHENT AS k ON k.ID_KONTRAHENTA = @id_kontr
    INNER JOIN dbo.GRUPA_KONTRAHENTA AS g ON g.ID_GRUPY = k.ID_GRUPY
    INNER JOIN dbo.CENA_ARTYKULU AS c
        ON c.ID_ARTYKULU = p.ID_ARTYKULU AND c.ID_CENY = g.ID_CENY AND COALESCE(c.SYM_WAL, '') = ''
    WHERE p.ID_ZAMOWIENIA = @id_zamowienia;
    EXEC dbo.RM_SumujZamowienie @id_zamowienia;
    RETURN (0);
END;
GO
