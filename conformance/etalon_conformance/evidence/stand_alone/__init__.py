"""Texts that the scripts of counterexamples carry with them: Python 3.9 and sh, nothing of ours."""
