"""Policies side by side: what is measured of each, and how two of them differ."""
