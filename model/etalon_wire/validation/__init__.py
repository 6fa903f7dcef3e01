"""Validation of resources against profiles written as tables.

The constraints are data (`data/profiles/*.csv`, our own form, with source and date); they are
compiled once to closures. An official package of StructureDefinitions compiles to the same.
"""
