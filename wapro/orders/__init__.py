"""Orders in WAPRO Mag: written through the vendor's procedures in one batch, read back, never edited by hand.

`draft` holds the shapes, `forms` and `calls` decide (pure) which procedures are called with what, `batch` is the T-SQL
of it, `place` runs it, `read`, `contractors` and `words` read. `erp.open_orders` is the way in.
"""
