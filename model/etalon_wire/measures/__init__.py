"""Measures on the wire: what referenced services send, search and are answered.

Source: measures API of Mon espace santé, v1.5.2, as the ANS wrote it down in a guide for
demonstration; the profiles are those of that guide.
"""
