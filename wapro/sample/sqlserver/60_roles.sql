-- What the two logins of the integrator may do. Put the database users of your logins into these roles:
--   ALTER ROLE integrator_read ADD MEMBER reader; ALTER ROLE integrator_write ADD MEMBER writer;
USE WAPRO_SAMPLE;
GO
CREATE ROLE integrator_read;
GO
CREATE ROLE integrator_write;
GO
GRANT SELECT ON SCHEMA::dbo TO integrator_read;
GRANT VIEW DEFINITION ON SCHEMA::dbo TO integrator_read;
GO
GRANT SELECT ON SCHEMA::dbo TO integrator_write;
GRANT VIEW DEFINITION ON SCHEMA::dbo TO integrator_write;
GRANT EXECUTE ON SCHEMA::dbo TO integrator_write;
GRANT UPDATE ON dbo.ARTYKUL TO integrator_write;
GRANT INSERT ON dbo.ARTYKUL TO integrator_write;
GRANT INSERT ON dbo.CENA_ARTYKULU TO integrator_write;
GRANT INSERT ON dbo.JEDNOSTKA TO integrator_write;
GRANT INSERT ON dbo.DOSTAWA TO integrator_write;
GRANT UPDATE ON dbo.ZAMOWIENIE TO integrator_write;
GRANT INSERT ON dbo.KONTRAHENT TO integrator_write;
GO
