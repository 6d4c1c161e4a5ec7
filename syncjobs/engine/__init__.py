"""The deciding part of the pipeline: pure functions from records, links and options to plans. No clock, no I/O."""
