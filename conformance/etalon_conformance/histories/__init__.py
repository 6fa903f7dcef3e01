"""Histories: what several clients asked at the same time, and whether one order explains it all.

`history` holds what was recorded, `history_lines` writes it and reads it again. `linearizing`
looks for an order, `shrinking` takes from a history without one what the contradiction does not
need; both ask any `Specification`. `sequential` is that of the model, `judging` parts a history by
the people concerned and judges each part, `diagram` draws what was found. Nothing here knows who
recorded a history, or how.
"""
