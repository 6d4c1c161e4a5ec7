"""The set-up wizard: the questions to settle before a shop is synchronised, and what the answers come to.

`flows`, `ruling`, `stages` and `agreement` are pure; `scope` keeps answers where runs and orders find them, `measuring`
counts for the stages, `data_check` and `trial` are work for a worker.
"""
