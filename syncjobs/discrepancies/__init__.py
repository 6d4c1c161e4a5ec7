"""The discrepancy report: what differs between WAPRO and a shop, written to neither.

It compares the snapshots that fetches left, by the same functions as plans: formula, promises and buffer of the stock,
price type and basis of the prices, projections and references of the fields.

The report is computed by a worker and stored (`storing`), not counted in SQL for every page: what the shop should show
comes out of Python (formula, factors, promises, rounding, cutting), and the same rows must be counted, sorted by size,
searched and exported. So a page costs a few index look-ups however large the shop is, and says when the rows were made.
`manage.py discrepancies` computes afresh and stores nothing; both take their rows from `finding`.
"""
