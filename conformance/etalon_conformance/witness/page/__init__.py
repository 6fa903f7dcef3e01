"""The page of a session: its steps, its traffic, what was concluded and what to do next."""

from etalon_conformance.witness.page.serving import PREFIX, witness_page

__all__ = ["PREFIX", "witness_page"]
