-- Stand-ins for the vendor's procedures: numbering, approval with reservation, status.
USE WAPRO_SAMPLE;
GO
CREATE PROCEDURE dbo.JL_PobierzFormatNumeracji_Server
    @id_firmy numeric(18,0),
    @dokument int,
    @id_typu numeric(18,0),
    @id_zasobu numeric(18,0),
    @format_num varchar(50) OUTPUT,
    @okresnumeracji tinyint OUTPUT,
    @parametr1 tinyint OUTPUT,
    @parametr2 tinyint OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET @format_num = NULL;
    SELECT
        @format_num = FORMAT,
        @okresnumeracji = OKRESNUMERACJI,
        @parametr1 = PARAMETR1,
        @parametr2 = PARAMETR2
    FROM dbo.DEFINICJA_NUMERACJI
    WHERE ID_FIRMY = @id_firmy AND DOKUMENT = @dokument AND ID_TYPU = @id_typu AND ID_ZASOBU = @id_zasobu;
    IF @format_num IS NULL
    BEGIN
        RAISERROR(N'Nie ma definicji numeracji tego dokumentu.', 16, 1);
        RETURN (1);
    END;
    RETURN (0);
END;
GO
-- Not of the vendor: the next number of an order and its text. # are the digits of the number, $$ the year of the day.
CREATE PROCEDURE dbo.SAMPLE_NastepnyNumer
    @id_firmy numeric(18,0),
    @id_magazynu numeric(18,0),
    @id_typu numeric(18,0),
    @data int,
    @format varchar(50),
    @autonumer int OUTPUT,
    @numer varchar(30) OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @rok int, @znaki int;
    SET @rok = YEAR(DATEADD(day, @data - 36163, '19000101'));
    SET @autonumer = NULL;
    UPDATE dbo.NUMERACJA WITH (UPDLOCK, HOLDLOCK)
    SET @autonumer = LAST_ID = LAST_ID + 1
    WHERE ID_FIRMY = @id_firmy AND ID_MAGAZYNU = @id_magazynu AND DOKUMENT = 2 AND TYP_DOKUMENTU = @id_typu
        AND OKRES = @rok AND ID_URZADZENIA = 0;
    IF @autonumer IS NULL
    BEGIN
        SET @autonumer = 1;
        INSERT INTO dbo.NUMERACJA (ID_FIRMY, ID_MAGAZYNU, DOKUMENT, TYP_DOKUMENTU, OKRES, LAST_ID, ID_URZADZENIA)
        VALUES (@id_firmy, @id_magazynu, 2, @id_typu, @rok, 1, 0);
    END;
    SET @znaki = LEN(@format) - LEN(REPLACE(@format, '#', ''));
    SET @numer = CAST(@autonumer AS varchar(10));
    IF LEN(@numer) < @znaki
        SET @numer = REPLICATE('0', @znaki - LEN(@numer)) + @numer;
    SET @numer = REPLACE(REPLACE(@format, REPLICATE('#', @znaki), @numer), '$$', RIGHT(CAST(@rok AS varchar(4)), 2));
    RETURN (0);
END;
GO
-- Not of the vendor: reserves what the lines of an order want, as far as there is any. Services are never reserved.
CREATE PROCEDURE dbo.SAMPLE_RezerwujZamowienie
    @id_zamowienia numeric(18,0),
    @rezerwuj tinyint
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @pozycja numeric(18,0), @artykul numeric(18,0), @ilosc decimal(16,6), @chce decimal(16,6);
    DECLARE @jest decimal(16,6), @rezerwacja decimal(16,6);
    DECLARE pozycje CURSOR LOCAL STATIC FOR
    SELECT p.ID_POZYCJI_ZAMOWIENIA, p.ID_ARTYKULU, p.ZAMOWIONO * p.PRZELICZNIK, p.DO_REZERWACJI * p.PRZELICZNIK
    FROM dbo.POZYCJA_ZAMOWIENIA AS p
    INNER JOIN dbo.ARTYKUL AS a ON a.ID_ARTYKULU = p.ID_ARTYKULU
    WHERE p.ID_ZAMOWIENIA = @id_zamowienia AND COALESCE(a.RODZAJ, '') <> N'Usługa'
    ORDER BY p.ID_POZYCJI_ZAMOWIENIA;
    OPEN pozycje;
    FETCH NEXT FROM pozycje INTO @pozycja, @artykul, @ilosc, @chce;
    WHILE @@FETCH_STATUS = 0
    BEGIN
        SELECT @jest = STAN - ILOSC_EDYTOWANA - ZAREZERWOWANO
        FROM dbo.ARTYKUL WITH (UPDLOCK)
        WHERE ID_ARTYKULU = @artykul;
        SET @chce = CASE WHEN @rezerwuj = 0 THEN 0 WHEN @chce > 0 THEN @chce ELSE @ilosc END;
        SET @rezerwacja = CASE WHEN @jest <= 0 THEN 0 WHEN @jest < @chce THEN @jest ELSE @chce END;
        UPDATE dbo.ARTYKUL
        SET
            ZAREZERWOWANO = ZAREZERWOWANO + @rezerwacja,
            DO_REZERWACJI = COALESCE(DO_REZERWACJI, 0) + @chce - @rezerwacja,
            DO_ODBIORCOW = COALESCE(DO_ODBIORCOW, 0) + @ilosc,
            ZAMOWIONO = COALESCE(ZAMOWIONO, 0) + @ilosc
        WHERE ID_ARTYKULU = @artykul;
        UPDATE dbo.POZYCJA_ZAMOWIENIA
        SET ZAREZERWOWANO = @rezerwacja, DO_REZERWACJI = @chce - @rezerwacja
        WHERE ID_POZYCJI_ZAMOWIENIA = @pozycja;
        FETCH NEXT FROM pozycje INTO @pozycja, @artykul, @ilosc, @chce;
    END;
    CLOSE pozycje;
    DEALLOCATE pozycje;
    RETURN (0);
END;
GO
CREATE PROCEDURE dbo.RM_ZatwierdzZamowienie
    @ID_ZAMOWIENIA numeric(18,0),
    @ID_KONTRAHENTA numeric(18,0),
    @ID_TYPU numeric(18,0),
    @NUMER varchar(30),
    @NUM_FORMAT varchar(50),
    @NUM_OKRESNUMERACJI tinyint,
    @NUM_AUTO tinyint,
    @NUM_NIEZALEZNY tinyint,
    @AUTONUMER int,
    @ID_FIRMY numeric(18,0),
    @ID_MAG numeric(18,0),
    @DATA int,
    @DATA_REALIZACJI int,
    @ZALICZKA decimal(14,4),
    @PRIORYTET tinyint,
    @AUTO_REZERWACJA tinyint,
    @NR_ZAM_KLIENTA varchar(30),
    @TYP tinyint,
    @ID_PRACOWNIKA numeric(18,0),
    @PRZELICZNIK_WAL decimal(14,8),
    @DATA_KURS_WAL int,
    @SYM_WAL varchar(3),
    @DOK_WAL tinyint,
    @FLAGA_STANU tinyint,
    @trybrejestracji tinyint,
    @RABAT_NARZUT decimal(6,2),
    @ZNAK_RABATU tinyint,
    @UWAGI varchar(1000),
    @ID_RACHUNKU numeric(18,0),
    @InformacjeDodatkowe varchar(1000),
    @OsobaZamawiajaca varchar(101),
    @Id_KONTAKTU numeric(18,0),
    @FormaPlatnosci varchar(50),
    @DniPlatnosci int,
    @FakturaParagon tinyint,
    @NumerPrzesylki varchar(50),
    @IdOperatoraPrzesylki numeric(18,0),
    @p38_unknown int = 0
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @blad nvarchar(200);
    IF NOT EXISTS (
        SELECT 1 FROM dbo.ZAMOWIENIE
        WHERE ID_ZAMOWIENIA = @ID_ZAMOWIENIA AND FLAGA_STANU = 1
            AND ID_FIRMY = @ID_FIRMY AND ID_MAGAZYNU = @ID_MAG AND TYP = @TYP
    )
        SET @blad = N'Zamówienia nie ma albo jest już zatwierdzone.';
    ELSE IF NOT EXISTS (SELECT 1 FROM dbo.KONTRAHENT WHERE ID_KONTRAHENTA = @ID_KONTRAHENTA)
        SET @blad = N'Nie ma takiego kontrahenta.';
    ELSE IF NOT EXISTS (SELECT 1 FROM dbo.TYP_DOKUMENTU_MAGAZYNOWEGO WHERE ID_TYPU = @ID_TYPU AND ID_FIRMY = @ID_FIRMY)
        SET @blad = N'Nie ma takiego typu dokumentu.';
    ELSE IF NOT EXISTS (SELECT 1 FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @ID_ZAMOWIENIA AND ZAMOWIONO > 0)
        SET @blad = N'Zamówienie nie ma pozycji.';
    ELSE IF @NUMER = '<auto>' AND CHARINDEX('#', COALESCE(@NUM_FORMAT, '')) = 0
        SET @blad = N'Format numeru nie ma miejsca na numer.';
    IF @blad IS NOT NULL
    BEGIN
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        RAISERROR(@blad, 16, 1);
        RETURN (1);
    END;

    BEGIN TRANSACTION;
    DELETE FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @ID_ZAMOWIENIA AND ZAMOWIONO = 0;
    IF @NUMER = '<auto>'
        EXEC dbo.SAMPLE_NastepnyNumer
            @ID_FIRMY, @ID_MAG, @ID_TYPU, @DATA, @NUM_FORMAT, @AUTONUMER OUTPUT, @NUMER OUTPUT;
    EXEC dbo.RM_SumujZamowienie @ID_ZAMOWIENIA;
    IF @TYP = 1 AND @trybrejestracji = 0
        EXEC dbo.SAMPLE_RezerwujZamowienie @ID_ZAMOWIENIA, @AUTO_REZERWACJA;
    UPDATE dbo.ZAMOWIENIE
    SET
        NUMER = @NUMER,
        AUTONUMER = @AUTONUMER,
        ID_KONTRAHENTA = @ID_KONTRAHENTA,
        KONTRAHENT_NAZWA = (SELECT NAZWA FROM dbo.KONTRAHENT WHERE ID_KONTRAHENTA = @ID_KONTRAHENTA),
        DATA = @DATA,
        DATA_REALIZACJI = @DATA_REALIZACJI,
        ZALICZKA = @ZALICZKA,
        PRIORYTET = @PRIORYTET,
        AUTO_REZERWACJA = @AUTO_REZERWACJA,
        NR_ZAMOWIENIA_KLIENTA = @NR_ZAM_KLIENTA,
        ID_PRACOWNIKA = @ID_PRACOWNIKA,
        PRZELICZNIK_WAL = @PRZELICZNIK_WAL,
        DATA_KURS_WAL = @DATA_KURS_WAL,
        SYM_WAL = RTRIM(@SYM_WAL),
        DOK_WAL = @DOK_WAL,
        TRYBREJESTRACJI = @trybrejestracji,
        RABAT_NARZUT = @RABAT_NARZUT,
        UWAGI = @UWAGI,
        ID_RACHUNKU = COALESCE(@ID_RACHUNKU, 0),
        INFORMACJE_DODATKOWE = @InformacjeDodatkowe,
        OSOBA_ZAMAWIAJACA = @OsobaZamawiajaca,
        ID_KONTAKTU = @Id_KONTAKTU,
        FORMA_PLATNOSCI = @FormaPlatnosci,
        DNI_PLATNOSCI = @DniPlatnosci,
        FAKTURA_DO_ZAMOWIENIA = @FakturaParagon,
        NUMER_PRZESYLKI = @NumerPrzesylki,
        ID_OPERATORA_PRZESYLKI = @IdOperatoraPrzesylki,
        STAN_REALIZ = 'N',
        SEMAFOR = 0,
        FLAGA_STANU = 0
    WHERE ID_ZAMOWIENIA = @ID_ZAMOWIENIA;
    COMMIT TRANSACTION;
    RETURN (0);
END;
GO
CREATE PROCEDURE dbo.RM_ZatwierdzZamowienie_Server
    @p01_id_zamowienia numeric(18,0),
    @p02_id_kontrahenta numeric(18,0),
    @p03_id_typu numeric(18,0),
    @p04_numer varchar(30),
    @p05_num_format varchar(50),
    @p06_num_okres tinyint,
    @p07_num_auto tinyint,
    @p08_num_niezalezny tinyint,
    @p09_autonumer int,
    @p10_id_firmy numeric(18,0),
    @p11_id_mag numeric(18,0),
    @p12_data int,
    @p13_data_realizacji int,
    @p14_zaliczka decimal(14,4),
    @p15_priorytet tinyint,
    @p16_auto_rezerwacja tinyint,
    @p17_nr_zam_klienta varchar(30),
    @p18_typ tinyint,
    @p19_id_pracownika numeric(18,0),
    @p20_przelicznik_wal decimal(16,4),
    @p21_data_kurs_wal int,
    @p22_sym_wal varchar(3),
    @p23_dok_wal tinyint,
    @p24_flaga_stanu tinyint,
    @p25_trybrejestracji tinyint,
    @p26_rabat_narzut decimal(6,2),
    @p27_znak_rabatu tinyint,
    @p28_uwagi varchar(1000),
    @p29_informacje varchar(1000),
    @p30_osoba varchar(101),
    @p31_id_kontaktu numeric(18,0),
    @p32_forma_platnosci varchar(50),
    @p33_dni_platnosci int,
    @p34_faktura_paragon tinyint,
    @p35_numer_przesylki varchar(50),
    @p36_id_operatora_przesylki numeric(18,0)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @wynik int;
    EXEC @wynik = dbo.RM_ZatwierdzZamowienie
        @p01_id_zamowienia, @p02_id_kontrahenta, @p03_id_typu, @p04_numer, @p05_num_format, @p06_num_okres,
        @p07_num_auto, @p08_num_niezalezny, @p09_autonumer, @p10_id_firmy, @p11_id_mag, @p12_data,
        @p13_data_realizacji, @p14_zaliczka, @p15_priorytet, @p16_auto_rezerwacja, @p17_nr_zam_klienta, @p18_typ,
        @p19_id_pracownika, @p20_przelicznik_wal, @p21_data_kurs_wal, @p22_sym_wal, @p23_dok_wal, @p24_flaga_stanu,
        @p25_trybrejestracji, @p26_rabat_narzut, @p27_znak_rabatu, @p28_uwagi, 0, @p29_informacje, @p30_osoba,
        @p31_id_kontaktu, @p32_forma_platnosci, @p33_dni_platnosci, @p34_faktura_paragon, @p35_numer_przesylki,
        @p36_id_operatora_przesylki;
    RETURN (@wynik);
END;
GO
-- Status A cancels: what the order had reserved is free again. Whether the vendor's procedure frees it is not known.
CREATE PROCEDURE dbo.RM_UstawStanZamowien
    @id_zamowienia numeric(18,0),
    @id_sesji numeric(18,0),
    @tryb_inf_realiz int,
    @status_zam char(1)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @blad nvarchar(200), @dotychczas char(1), @id numeric(18,0);
    SELECT @dotychczas = COALESCE(STATUS_ZAM, '')
    FROM dbo.ZAMOWIENIE
    WHERE ID_ZAMOWIENIA = @id_zamowienia AND FLAGA_STANU = 0;
    IF @dotychczas IS NULL
        SET @blad = N'Nie ma takiego zatwierdzonego zamówienia.';
    ELSE IF NOT EXISTS (SELECT 1 FROM dbo.MAG_SLOWNIK_STATUSOW_DOKUMENTOW WHERE KOD_STATUSU = @status_zam AND AKTYWNY = 1)
        SET @blad = N'Nie ma takiego statusu.';
    IF @blad IS NOT NULL
    BEGIN
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        RAISERROR(@blad, 16, 1);
        RETURN (1);
    END;
    IF @dotychczas = @status_zam
        RETURN (0);

    BEGIN TRANSACTION;
    IF @status_zam = 'A'
    BEGIN
        UPDATE a
        SET
            ZAREZERWOWANO = a.ZAREZERWOWANO - z.rezerwacja,
            DO_REZERWACJI = a.DO_REZERWACJI - z.brak,
            DO_ODBIORCOW = a.DO_ODBIORCOW - z.ilosc,
            ZAMOWIONO = a.ZAMOWIONO - z.ilosc
        FROM dbo.ARTYKUL AS a
        INNER JOIN (
            SELECT
                ID_ARTYKULU,
                SUM(ZAREZERWOWANO) AS rezerwacja,
                SUM(DO_REZERWACJI) AS brak,
                SUM((ZAMOWIONO - ZREALIZOWANO) * PRZELICZNIK) AS ilosc
            FROM dbo.POZYCJA_ZAMOWIENIA
            WHERE ID_ZAMOWIENIA = @id_zamowienia
            GROUP BY ID_ARTYKULU
        ) AS z ON z.ID_ARTYKULU = a.ID_ARTYKULU
        WHERE COALESCE(a.RODZAJ, '') <> N'Usługa';
        UPDATE dbo.POZYCJA_ZAMOWIENIA
        SET ZAREZERWOWANO = 0, DO_REZERWACJI = 0
        WHERE ID_ZAMOWIENIA = @id_zamowienia;
    END;
    UPDATE dbo.ZAMOWIENIE SET STATUS_ZAM = @status_zam WHERE ID_ZAMOWIENIA = @id_zamowienia;
    SELECT @id = COALESCE(MAX(ID_REJESTRU_ZMIAN), 0) + 1
    FROM dbo.MAG_REJESTR_ZMIAN_STATUSOW_ZAMOWIEN WITH (UPDLOCK, HOLDLOCK);
    INSERT INTO dbo.MAG_REJESTR_ZMIAN_STATUSOW_ZAMOWIEN (
        ID_REJESTRU_ZMIAN, ID_DOKUMENTU, KOD_Z, KOD_NA, DATAICZAS, ID_UZYTKOWNIKA
    )
    VALUES (@id, @id_zamowienia, @dotychczas, @status_zam, GETDATE(), @id_sesji);
    COMMIT TRANSACTION;
    RETURN (0);
END;
GO
