"""The sample company as plain data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from wapro.sample.articles import Article
from wapro.sample.assortment import ordinary_articles, with_pictures
from wapro.sample.fixed import fixed_rows
from wapro.sample.planting import plant
from wapro.sample.rows import RowWriter
from wapro.sample.schema import Row
from wapro.sample.special import special_articles
from wapro.sample.variants import variant_articles

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """`articles` by catalogue index and `fixed` rows by table; `chunks` is all of it as rows."""

    today: date
    """The day its promotions are seen from."""
    articles: Mapping[str, Article]
    fixed: dict[str, list[Row]] = field(default_factory=fixed_rows)

    def chunks(self) -> Iterator[tuple[str, list[Row]]]:
        """Rows of one table at a time, some hundred of them, in an order in which they can be inserted.

        A table may come several times. All rows of a table have the same columns in the same order.
        """
        yield from self.fixed.items()
        writer = RowWriter()
        articles = iter(self.articles.values())
        while chunk := list(islice(articles, _CHUNK)):
            for table, rows in writer.rows(chunk).items():
                if rows:
                    yield table, rows

    def tables(self) -> dict[str, list[Row]]:
        """All rows by table. For the sample company; a generated one may be too big for memory."""
        found: dict[str, list[Row]] = {}
        for table, rows in self.chunks():
            found.setdefault(table, []).extend(rows)
        return found


def company(today: date | None = None) -> Company:
    """The sample company: some 700 articles in two warehouses. Its promotions are placed around `today` (else the real
    date); nothing else depends on the day."""
    day = today or date.today()  # noqa: DTZ011 - a promotion begins on the day of the place where the shop is
    ordinary = {article.index: article for article in ordinary_articles()}
    plant_ready = ordinary | {article.index: article for article in variant_articles()}
    plant(plant_ready, day)
    for article in special_articles():
        plant_ready[article.index] = article
    return Company(today=day, articles={index: with_pictures(article) for index, article in plant_ready.items()})
