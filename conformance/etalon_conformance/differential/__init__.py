"""Two targets and the model, asked the same: who differs from whom.

`comparing` draws sequences with knowledge of what the model would say, as exploring does, and makes
each on both targets; `difference_file` writes what it came to. Where both answer alike and the
model otherwise, it is the model that is suspect.
"""
