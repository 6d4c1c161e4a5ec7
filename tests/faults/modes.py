"""The ways in which things go wrong that this project has to survive, and what shows that it did.

A test that shows one is marked `@pytest.mark.failure_mode("F1")`; `docs/failure-modes.md` is made from the markers.
"""

MODES: dict[str, tuple[str, str]] = {
    "F1": (
        "An answer is lost, or the worker dies, after the other system did the work",
        "Whatever the moment: one element there, one link here, and nothing is left under way.",
    ),
    "F2": (
        "A cursor passes something that was never seen",
        "Equal timestamps at the edge of a page, an element that cannot be read, a clock five minutes off, a late "
        "commit: everything has arrived after two runs, once.",
    ),
    "F3": (
        "Several workers at one element",
        "One of them writes, the others do nothing or wait; whoever lost its lease saves nothing more.",
    ),
    "F4": (
        "Identities collide: codes, EANs, variants, spaces, case",
        "No wrong link is made by itself; every collision waits for a person with all candidates.",
    ),
    "F5": (
        "Our own write comes back as an event, while others edit",
        "Nothing is written again; what somebody else changed meanwhile is not swallowed.",
    ),
    "F6": (
        "Stock that is old or comes out of order; the last piece is sold twice",
        "The last quantity stands in the end; no more is offered, no stock goes below zero, and the ledger shows which "
        "order nothing is left for.",
    ),
    "F7": (
        "Events are lost, doubled or out of order; the shop switches its webhooks off",
        "The same end as without events; a webhook that is off is found within 15 minutes; a payment that comes before "
        "its order makes one order.",
    ),
    "F8": (
        "The shop throttles, refuses the login or a right, or is slow",
        "No call beyond the limit; after a refused login at most three calls, then the connection waits for a person; "
        "other connections go on.",
    ),
    "F9": (
        "A dependency fails; an order is known in part",
        "One error closes the gate of what depends on it and names it; nothing gets a default in place of what failed; "
        "an order with one unknown line brings in nothing.",
    ),
    "F10": (
        "A source is empty, cut short, or answers with something else",
        "Nothing is deleted, nothing set to zero, and the run says that the source is not trusted.",
    ),
    "F11": (
        "Clocks change; amounts are rounded",
        "Orders of the hour that is missing or comes twice arrive exactly once; totals are equal to the grosz, or the "
        "order is held.",
    ),
    "F12": (
        "A poisoned element, a dead worker, a burst",
        "Work goes on within the lease; what cannot be done ends where a person sees it and blocks nothing else; the "
        "newest order does not wait for the burst.",
    ),
    "F13": (
        "One tenant sees another",
        "Every address, asked by every role, by strangers and by nobody, opens nothing that is not theirs.",
    ),
    "Database away": (
        "Our own database does not answer for a while",
        "The slice ends, nothing is taken for done, and the next one ends where a run without that ends.",
    ),
    "Disk full": (
        "Our own database cannot write",
        "As above: nothing is sent that was not written down before, and nothing is doubled when there is room again.",
    ),
    "Broker empty": (
        "The queue is emptied or away",
        "What was asked for stands in the database; it costs a moment and no work.",
    ),
    "Any of them": (
        "Faults by a seeded schedule, several to a day",
        "The days end as days on which nothing went wrong.",
    ),
}
