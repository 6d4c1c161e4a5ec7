#!/bin/sh
# Loads the sample company into a SQL Server, once: does nothing when the database is there.
#   SQLCMDSERVER=localhost SQLCMDUSER=sa SQLCMDPASSWORD=... ./load.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sqlcmd=${SQLCMD:-$(command -v sqlcmd || echo /opt/mssql-tools18/bin/sqlcmd)}

# -b: stop at the first error; -C: take the server's own certificate; -I: quoted identifiers; -f 65001: files are UTF-8.
run() { "$sqlcmd" -b -C -I -f 65001 "$@"; }

if [ "$(run -h -1 -W -Q "SET NOCOUNT ON; SELECT COUNT(*) FROM sys.databases WHERE name = N'WAPRO_SAMPLE'")" = "1" ]; then
    echo "WAPRO_SAMPLE is there already."
    exit 0
fi
for script in "$here"/[0-9]*.sql; do
    echo "$(basename "$script")"
    run -i "$script"
done
