SET NOCOUNT ON;
SET XACT_ABORT ON;
DECLARE
    @numer_klienta varchar(30) = %s,
    @firma numeric(18,0) = %s,
    @magazyn numeric(18,0) = %s,
    @kontrahent numeric(18,0) = %s,
    @uzytkownik numeric(18,0) = %s,
    @typ numeric(18,0) = %s,
    @data int = %s,
    @realizacja int = %s,
    @wg_cen char(6) = %s,
    @rezerwuj tinyint = %s,
    @waluta varchar(3) = %s,
    @kurs decimal(14,8) = %s,
    @data_kursu int = %s,
    @dok_wal tinyint = %s,
    @uwagi varchar(1000) = %s,
    @informacje varchar(1000) = %s,
    @osoba varchar(101) = %s,
    @forma_platnosci varchar(50) = %s,
    @dni int = %s,
    @dokument tinyint = %s,
    @operator numeric(18,0) = %s,
    @dostawa numeric(18,0) = %s,
    @internet tinyint = %s,
    @oplacone tinyint = %s,
    @oczekiwane_netto decimal(14,4) = %s,
    @oczekiwane_brutto decimal(14,4) = %s,
    @zasob nvarchar(255) = %s,
    @id numeric(18,0), @ile int, @found tinyint = 0, @wynik int, @nr int = 1, @pozycja int = 0, @flaga int,
    @krok varchar(60) = '', @powod varchar(20) = '', @format varchar(50), @okres tinyint, @auto tinyint,
    @niezalezny tinyint, @numer varchar(30), @klient varchar(30), @suma_netto decimal(14,4), @suma_brutto decimal(14,4),
    @artykul numeric(18,0), @kod_vat varchar(3), @zamowiono decimal(16,6), @do_rezerwacji decimal(16,6), @netto decimal(14,4), @brutto decimal(14,4), @netto_wal decimal(14,4), @brutto_wal decimal(14,4), @przelicznik decimal(16,6), @jednostka varchar(10), @opis varchar(500);
DECLARE @odpowiedz TABLE (wartosc numeric(18,0));
DECLARE @pozycje TABLE (nr int NOT NULL PRIMARY KEY, artykul numeric(18,0) NOT NULL, kod_vat varchar(3) NOT NULL, zamowiono decimal(16,6) NOT NULL, do_rezerwacji decimal(16,6) NOT NULL, netto decimal(14,4) NOT NULL, brutto decimal(14,4) NOT NULL, netto_wal decimal(14,4) NOT NULL, brutto_wal decimal(14,4) NOT NULL, przelicznik decimal(16,6) NOT NULL, jednostka varchar(10) NOT NULL, opis varchar(500) NOT NULL);
DECLARE @zapisane TABLE (
    id numeric(18,0), numer varchar(30), flaga int, netto decimal(14,4), brutto decimal(14,4), magazyn numeric(18,0),
    waluta varchar(3), pozycja numeric(18,0), artykul numeric(18,0), zamowiono decimal(16,6), przelicznik decimal(16,6),
    zarezerwowano decimal(16,6), zrealizowano decimal(16,6)
);
BEGIN TRY
    SET @krok = 'lines';
    DECLARE @json nvarchar(max) = CAST(%s AS nvarchar(max));
    INSERT INTO @pozycje (nr, artykul, kod_vat, zamowiono, do_rezerwacji, netto, brutto, netto_wal, brutto_wal, przelicznik, jednostka, opis)
    SELECT nr, artykul, kod_vat, zamowiono, do_rezerwacji, netto, brutto, netto_wal, brutto_wal, przelicznik, jednostka, opis
    FROM OPENJSON(@json) WITH (nr int, artykul numeric(18,0), kod_vat varchar(3), zamowiono decimal(16,6), do_rezerwacji decimal(16,6), netto decimal(14,4), brutto decimal(14,4), netto_wal decimal(14,4), brutto_wal decimal(14,4), przelicznik decimal(16,6), jednostka varchar(10), opis varchar(500));
    SELECT @ile = COUNT(*) FROM @pozycje;
    IF @ile <> 2 SET @powod = 'lines';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    SET @krok = 'sp_getapplock';
    BEGIN TRANSACTION;
    EXEC @wynik = sp_getapplock @Resource = @zasob, @LockMode = 'Exclusive', @LockOwner = 'Transaction',
        @LockTimeout = 15000;
    IF @wynik < 0 OR @@TRANCOUNT <> 1 SET @powod = 'locked';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    SET @krok = 'lookup';
    SELECT @id = MAX(ID_ZAMOWIENIA), @ile = COUNT(*)
    FROM dbo.ZAMOWIENIE
    WHERE NR_ZAMOWIENIA_KLIENTA = @numer_klienta AND TYP = 1 AND ID_FIRMY = @firma;
    IF @ile > 1 SET @powod = 'several';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    IF @id IS NOT NULL
        SET @found = 1;
    ELSE
    BEGIN
        SET @krok = 'RM_DodajZamowienie_Server';
        EXEC @wynik = dbo.RM_DodajZamowienie_Server @firma, @kontrahent, @magazyn, 1, @data, @uzytkownik, 0, @wg_cen, 1, @id OUTPUT, 0;
        IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';
        IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';
        IF @powod = '' AND COALESCE(@id, 0) <= 0 SET @powod = 'no_id';
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
        WHILE @nr <= 2
        BEGIN
            SET @pozycja = @nr;
            SELECT @artykul = artykul, @kod_vat = kod_vat, @zamowiono = zamowiono, @do_rezerwacji = do_rezerwacji, @netto = netto, @brutto = brutto, @netto_wal = netto_wal, @brutto_wal = brutto_wal, @przelicznik = przelicznik, @jednostka = jednostka, @opis = opis FROM @pozycje WHERE nr = @nr;
            SET @krok = 'RM_DodajPozycjeZamowienia';
            EXEC @wynik = dbo.RM_DodajPozycjeZamowienia 0, @id, @artykul, @kod_vat, @zamowiono, 0, 0, @do_rezerwacji, @netto, @brutto, @netto_wal, @brutto_wal, @przelicznik, @jednostka, 0, @opis, 0, 0, 0, 0, 'm', '', 'Nie dotyczy';
            IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';
            IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';
            IF @powod <> '' RAISERROR(N'integrator', 16, 1);
            SET @nr = @nr + 1;
        END;
        SET @pozycja = 0;
        SET @krok = 'RM_SumujZamowienie';
        EXEC @wynik = dbo.RM_SumujZamowienie @id;
        IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';
        IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
        SET @krok = 'RM_KontrolaCenPozycjiZamowienia';
        EXEC @wynik = dbo.RM_KontrolaCenPozycjiZamowienia @id, @uzytkownik;
        IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';
        IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
        SET @krok = 'JL_PobierzFormatNumeracji_Server';
        EXEC @wynik = dbo.JL_PobierzFormatNumeracji_Server @firma, 2, @typ, @magazyn, @format OUTPUT, @okres OUTPUT, @auto OUTPUT, @niezalezny OUTPUT;
        IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';
        IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
        SET @krok = 'RM_ZatwierdzZamowienie';
        EXEC @wynik = dbo.RM_ZatwierdzZamowienie @id, @kontrahent, @typ, '<auto>', @format, @okres, @auto, @niezalezny, 0, @firma, @magazyn, @data, @realizacja, 0, 2, @rezerwuj, @numer_klienta, 1, 0, @kurs, @data_kursu, @waluta, @dok_wal, 1, 0, 0, 0, @uwagi, 0, @informacje, @osoba, 0, @forma_platnosci, @dni, @dokument, '', @operator, 0;
        IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';
        IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
        SET @krok = 'ZAMOWIENIE';
        UPDATE dbo.ZAMOWIENIE SET ZAMOWIENIE_INTERNETOWE = 1, OPLACONE_INTERNETOWO = 1 WHERE ID_ZAMOWIENIA = @id;
        SET @krok = 'DOSTAWA';
        INSERT INTO dbo.DOSTAWA (
            ID_DOSTAWY, ID_DOK_MAGAZYNOWEGO, ID_ZAMOWIENIA, ID_FORMY_DOSTAWY, DATA_PLANOWANA, ODEBRANO
        )
        SELECT COALESCE(MAX(ID_DOSTAWY), 0) + 1, 0, @id, @dostawa, @realizacja, 0
        FROM dbo.DOSTAWA WITH (UPDLOCK, HOLDLOCK);
        SET @krok = 'readback';
        SELECT @numer = NUMER, @flaga = FLAGA_STANU, @klient = NR_ZAMOWIENIA_KLIENTA,
            @suma_netto = WARTOSC_NETTO, @suma_brutto = WARTOSC_BRUTTO
        FROM dbo.ZAMOWIENIE
        WHERE ID_ZAMOWIENIA = @id;
        SELECT @ile = COUNT(*) FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @id;
        IF COALESCE(@numer, '') IN ('', '<auto>') OR COALESCE(@flaga, 1) <> 0 OR COALESCE(@klient, '') <> @numer_klienta
            SET @powod = 'not_approved';
        IF @powod = '' AND @ile <> 2 SET @powod = 'lines';
        IF @powod = '' AND (@suma_brutto IS NULL OR ROUND(@suma_brutto, 2) <> @oczekiwane_brutto OR ROUND(@suma_netto, 2) <> @oczekiwane_netto) SET @powod = 'total';
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    END;
    SET @krok = 'commit';
    INSERT INTO @zapisane
    SELECT z.ID_ZAMOWIENIA, z.NUMER, z.FLAGA_STANU, z.WARTOSC_NETTO, z.WARTOSC_BRUTTO, z.ID_MAGAZYNU,
        z.SYM_WAL, p.ID_POZYCJI_ZAMOWIENIA, p.ID_ARTYKULU, p.ZAMOWIONO, p.PRZELICZNIK, p.ZAREZERWOWANO, p.ZREALIZOWANO
    FROM dbo.ZAMOWIENIE AS z
    LEFT JOIN dbo.POZYCJA_ZAMOWIENIA AS p ON p.ID_ZAMOWIENIA = z.ID_ZAMOWIENIA
    WHERE z.ID_ZAMOWIENIA = @id;
    COMMIT TRANSACTION;
    SELECT 'placed' AS integrator, @found AS found, id, numer, flaga, netto, brutto, magazyn, waluta, artykul,
        zamowiono, przelicznik, zarezerwowano, zrealizowano
    FROM @zapisane
    ORDER BY pozycja;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0 ROLLBACK TRANSACTION;
    SELECT 'refused' AS integrator, @krok AS krok, @pozycja AS pozycja, @powod AS powod, @wynik AS wynik,
        ERROR_NUMBER() AS numer_bledu, ERROR_MESSAGE() AS tresc, @id AS id, @numer AS numer, @suma_netto AS netto,
        @suma_brutto AS brutto;
    THROW;
END CATCH;
