"""The record on the wire: documents, lists, binaries, patients, deposits and searches.

Sources: PDSm 3.1.1 of the ANS, IHE MHD (ITI-65 to ITI-68, ITI-105), PDSm4DMP 0.1.0 (TD0.2).
"""
