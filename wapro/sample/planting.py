"""Bends ordinary articles into the peculiarities that `peculiar.py` names."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from wapro.sample import peculiar
from wapro.sample.articles import MAIN, RETAIL, SHOP, WHOLESALE, Article, Promotion, Stock
from wapro.sample.codes import ean13, with_check_digit
from wapro.sample.names import TEXT_ONLY_MAKERS
from wapro.sample.pricing import rounded, shelf_price

Articles = dict[str, Article]
_EDITOR = 3000003


def plant(articles: Articles, today: date) -> None:
    """Change the articles in place. KeyError when one that should be bent is not in the catalogue."""
    _bend(articles, peculiar.BLOCKED, lambda a: replace(a, blocked=True))
    _bend(articles, peculiar.BLOCKED_IN_SHOP, lambda a: _differs(a, blocked=True))
    _bend(articles, peculiar.EDITED, lambda a: replace(a, editor=_EDITOR))
    _bend(articles, peculiar.WITHOUT_CATEGORY, lambda a: replace(a, place=None))
    _bend(articles, peculiar.GRAMS, _in_grams)
    _bend(articles, peculiar.NOT_IN_WEB_SHOP, lambda a: replace(a, web_shop=False))
    _bend(articles, peculiar.ONLY_IN_SHOP, _only_in_shop)
    _bend(articles, peculiar.OVERSOLD, _oversold)
    _bend(articles, peculiar.EURO_PRICES, lambda a: replace(a, euro_net=rounded(a.prices[WHOLESALE] / Decimal("4.3"))))
    _text_producers(articles)
    _codes(articles)
    _disagree(articles)
    _promote(articles, today)


def _bend(articles: Articles, indexes: Iterable[str], change: Callable[[Article], Article]) -> None:
    for index in indexes:
        articles[index] = change(articles[index])


def _in_both(article: Article) -> Article:
    if SHOP in article.stocks:
        return article
    return replace(article, stocks=article.stocks | {SHOP: Stock(on_hand=Decimal(3))})


def _differs(article: Article, **changes: object) -> Article:
    """The article with another card in the shop's warehouse."""
    return replace(_in_both(article), elsewhere={SHOP: changes})


def _in_grams(article: Article) -> Article:
    assert article.weight is not None
    return replace(article, weight=article.weight * 1000, weight_unit="g")


def _only_in_shop(article: Article) -> Article:
    return replace(article, stocks={SHOP: Stock(on_hand=Decimal(7))})


def _oversold(article: Article) -> Article:
    stock = Stock(on_hand=Decimal(4), reserved=Decimal(9), for_customers=Decimal(9))
    return replace(article, stocks={MAIN: stock})


def _text_producers(articles: Articles) -> None:
    loose = [index for index in peculiar.TEXT_ONLY_PRODUCERS if articles[index].maker not in TEXT_ONLY_MAKERS]
    for number, index in enumerate(loose):
        maker = TEXT_ONLY_MAKERS[1 + number % (len(TEXT_ONLY_MAKERS) - 1)]
        article = articles[index]
        texts = {part: getattr(article, part).replace(article.maker, maker) for part in ("name", "description")}
        articles[index] = replace(article, maker=maker, **texts)


def _codes(articles: Articles) -> None:
    for kept, copied in peculiar.DUPLICATE_EANS:
        code = ean13(kept[:3], int(kept[3:]))
        _bend(articles, (kept, copied), lambda a, code=code: replace(a, ean=code))  # type: ignore[misc]
    _bend(articles, peculiar.INVALID_EANS, lambda a: replace(a, ean=_broken(a.index)))
    for number, index in enumerate(peculiar.SHORT_EANS):
        articles[index] = replace(articles[index], ean=with_check_digit(f"590{7000 + number}"))
    _bend(articles, peculiar.WITHOUT_EAN, lambda a: replace(a, ean=""))


def _broken(index: str) -> str:
    code = ean13(index[:3], int(index[3:]))
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def _disagree(articles: Articles) -> None:
    other_vat = {"8": "23", "5": "8"}
    _bend(articles, peculiar.DISAGREEING["vat"], lambda a: _differs(a, vat=other_vat[a.vat]))
    _bend(articles, peculiar.DISAGREEING["unit"], lambda a: _differs(a, unit="opak.", units=(), purchase_unit=""))
    for index in peculiar.DISAGREEING["ean"]:
        code, other = (ean13(index[:3], number) for number in (int(index[3:]), 9000 + int(index[3:])))
        articles[index] = _differs(replace(articles[index], ean=code), ean=other)
    for index in peculiar.OTHER_PRICE_IN_SHOP:
        article = articles[index]
        dearer = shelf_price(article.gross(RETAIL) + 2, article.vat)
        articles[index] = _differs(article, prices=article.prices | {RETAIL: dearer})


def _promote(articles: Articles, today: date) -> None:
    def promote(index: str, first: int, last: int) -> None:
        article = articles[index]
        cheaper = shelf_price(article.gross(RETAIL) * Decimal("0.85") - 1, article.vat)
        days = Promotion(first=today + timedelta(first), last=today + timedelta(last), net=cheaper)
        articles[index] = replace(article, promotion=days)

    for number, index in enumerate(peculiar.PROMOTIONS_NOW):
        promote(index, 0 if number == 0 else -10 - number, 0 if number == 1 else 14 + number)
    for number, index in enumerate(peculiar.PROMOTIONS_PAST):
        promote(index, -40 - number, -1 - 5 * number)
    for number, index in enumerate(peculiar.PROMOTIONS_FUTURE):
        promote(index, 1 + 6 * number, 20 + 6 * number)
