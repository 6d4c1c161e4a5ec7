"""The sample company: a made-up Polish trading house whose data fill a WAPRO Mag database.

`company()` gives the data, `generated()` the same kind of company in any size. `wapro.sample.sqlite.build` writes them
into a SQLite file that `wapro.tables` reads; `wapro.sample.tsql` writes the company as T-SQL for a real SQL Server.
Everything follows from fixed seeds: the same call gives the same company. `peculiar` names what was planted in it.
"""

from wapro.sample.bulk import generated
from wapro.sample.company import Company, company

__all__ = ["Company", "company", "generated"]
