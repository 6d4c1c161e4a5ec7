-- The company was written for 2026-11-24: move its promotions to today, so that those that run do run.
USE WAPRO_SAMPLE;
GO
SET NOCOUNT ON;
DECLARE @dni int;
SET @dni = DATEDIFF(day, '20261124', GETDATE());
UPDATE dbo.ARTYKUL
SET PROMOCJA_OD = PROMOCJA_OD + @dni, PROMOCJA_DO = PROMOCJA_DO + @dni
WHERE PROMOCJA_OD > 0;
GO
