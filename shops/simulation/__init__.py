"""What simulated shops share: serving, faults, counters, tables, a shop in a file, the stand of the conformance suite.

A platform's simulator is a small in-memory shop that follows the vendor's API with its limits and oddities, for tests,
the demo, benchmarks and fault trials. Nothing here knows a platform, and nothing here or there imports Django.
"""
