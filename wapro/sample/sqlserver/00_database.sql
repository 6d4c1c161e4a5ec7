-- The database of the sample company. It has a name of its own, so that a real one is never touched.
USE master;
GO
IF DB_ID(N'WAPRO_SAMPLE') IS NOT NULL
    RAISERROR(N'The database WAPRO_SAMPLE is there already: drop it first.', 16, 1);
GO
CREATE DATABASE WAPRO_SAMPLE COLLATE Polish_CI_AS;
GO
