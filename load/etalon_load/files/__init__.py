"""The files of a run, written from what was asked and what was measured."""
