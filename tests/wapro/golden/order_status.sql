SET NOCOUNT ON;
SET XACT_ABORT ON;
DECLARE @id numeric(18,0) = %s, @uzytkownik numeric(18,0) = %s, @status char(1) = %s, @numer_klienta varchar(30) = %s,
    @zasob nvarchar(255) = %s, @wynik int, @dotychczas char(1), @klient varchar(30), @flaga int,
    @powod varchar(20) = '', @krok varchar(60) = 'sp_getapplock';
BEGIN TRY
    BEGIN TRANSACTION;
    EXEC @wynik = sp_getapplock @Resource = @zasob, @LockMode = 'Exclusive', @LockOwner = 'Transaction',
        @LockTimeout = 15000;
    IF @wynik < 0 OR @@TRANCOUNT <> 1 SET @powod = 'locked';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    SET @krok = 'lookup';
    SELECT @dotychczas = COALESCE(STATUS_ZAM, ''), @flaga = FLAGA_STANU, @klient = NR_ZAMOWIENIA_KLIENTA
    FROM dbo.ZAMOWIENIE WITH (UPDLOCK)
    WHERE ID_ZAMOWIENIA = @id;
    IF @dotychczas IS NULL SET @powod = 'gone';
    IF @powod = '' AND COALESCE(@klient, '') <> @numer_klienta SET @powod = 'another';
    IF @powod = '' AND @flaga <> 0 SET @powod = 'unfinished';
    IF @powod = '' AND @dotychczas NOT IN ('', @status) SET @powod = 'status';
    IF @powod = '' AND @dotychczas <> @status AND EXISTS (
        SELECT 1 FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @id AND ZREALIZOWANO <> 0
    )
        SET @powod = 'realised';
    IF @powod = '' AND @dotychczas <> @status AND EXISTS (
        SELECT 1 FROM dbo.POZYCJA_DOKUMENTU_MAGAZYNOWEGO WHERE ID_POZ_ZAM IN (
            SELECT ID_POZYCJI_ZAMOWIENIA FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @id
        )
    )
        SET @powod = 'documents';
    IF @powod = '' AND @dotychczas <> @status AND EXISTS (
        SELECT 1 FROM dbo.POZYCJA_DOKUMENTU_MAGAZYNOWEGO WHERE ID_POZ_ZAM_ZAL IN (
            SELECT ID_POZYCJI_ZAMOWIENIA FROM dbo.POZYCJA_ZAMOWIENIA WHERE ID_ZAMOWIENIA = @id
        )
    )
        SET @powod = 'documents';
    IF @powod = '' AND @dotychczas <> @status AND EXISTS (
        SELECT 1 FROM dbo.ROZRACHUNEK WHERE ID_ZAMOWIENIA = @id AND ID_FAKTURY <> 0
    )
        SET @powod = 'documents';
    IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    IF @dotychczas <> @status
    BEGIN
        SET @krok = 'RM_UstawStanZamowien';
        EXEC @wynik = dbo.RM_UstawStanZamowien @id, @uzytkownik, 0, @status;
        IF @@TRANCOUNT <> 1 OR XACT_STATE() <> 1 SET @powod = 'undone';
        IF @powod = '' AND COALESCE(@wynik, 0) <> 0 SET @powod = 'returned';
        IF @powod <> '' RAISERROR(N'integrator', 16, 1);
    END;
    COMMIT TRANSACTION;
    SELECT 'placed' AS integrator, @dotychczas AS dotychczas;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0 ROLLBACK TRANSACTION;
    SELECT 'refused' AS integrator, @krok AS krok, 0 AS pozycja, @powod AS powod, @wynik AS wynik,
        ERROR_NUMBER() AS numer_bledu, ERROR_MESSAGE() AS tresc, @id AS id,
        CASE @powod WHEN 'another' THEN @klient ELSE @dotychczas END AS numer, 0 AS netto, 0 AS brutto;
    THROW;
END CATCH;
