"""Orders of a shop on their way into the ERP, and what became of them on its way back.

Pure decisions: `keys` (one number for ever), `totals` (money to the grosz), `policy` (what happens to which order),
`contractors` (whose order it is), `draft` (an order as WAPRO takes it, or why it waits), `changes` (edited or cancelled
meanwhile), `progress` (what the shop is told), `availability` (what is promised).
"""
