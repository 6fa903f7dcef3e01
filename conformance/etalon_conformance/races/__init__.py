"""Races: several clients drive one person's space at the same time, and the model judges.

`scene` holds who does what beside whom, as data. `stage` makes the people of a history, on the
target and in the model; `acts` tells what each act is for the model and on the wire; `recorder`
has clients act side by side and keeps when; `racing` judges what they were answered, and
`searching` looks for races until its time is spent. What a history comes to is worked out in
`etalon_conformance.histories`, which knows of no target.
"""
