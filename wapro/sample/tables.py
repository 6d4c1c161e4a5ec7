"""All tables of the sample database, by name, in an order in which they can be created and filled."""

from wapro.sample.schema import Table
from wapro.sample.schema_documents import DOCUMENT_TABLES
from wapro.sample.schema_items import ITEM_TABLES
from wapro.sample.schema_trade import TRADE_TABLES

TABLES: dict[str, Table] = {table.name: table for table in (*ITEM_TABLES, *TRADE_TABLES, *DOCUMENT_TABLES)}
