"""Clients of ours: one good client for each profile, and what makes others of it.

A good client does what a right one does at each step. A wrong one breaks one habit, or changes one
thing in what it sends; `data/witness/impostors.csv` tells them. The judge knows none of them.
"""
