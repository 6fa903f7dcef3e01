"""Test vectors: what the model answers, as data that a program in any language can read.

`files` puts them together. Cases are what a function answers (`functions`, `cases`, `prevention`,
`truths`); stories are commands given to an empty service, one command more, its outcome and what
each actor sees then (`stories`, `views`, `answers`): cut out of seeded walks (`walked`), told on
purpose (`scenes`), or a hair's breadth from these (`near_misses`). Both say what another answer to
an open question would change (`switches`).
"""

from etalon_model.vectors.files import FORMAT, VERSION, VINTAGE, Coverage, coverage, vector_files

__all__ = ["FORMAT", "VERSION", "VINTAGE", "Coverage", "coverage", "vector_files"]
