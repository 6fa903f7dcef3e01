"""Campaigns of enrolment, simulated: populations, policies, laws of chance, and two engines.

`agents` lets each person be a process that sends commands to the model; `cohort` holds the nation
in arrays. Both draw the same chance and enter the same ledger.
"""
