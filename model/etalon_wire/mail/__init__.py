"""Mail of the trust space MSSanté: messages, lots of documents, clinical documents, receipts.

Bytes in, bytes out: nothing here opens a file or a socket, and nothing that is received is believed
before it is bounded and read whole. What cannot be read raises `Malformed`.

Sources: ANS, volets of documents by mail (structure of the mail, of the receipt, error codes); IHE
XDM (ITI-32) and ITI TF-3 4.2 (metadata in ebRIM); HL7 CDA R2; RFC 5322, 2045 to 2049, 2231, 8098.
"""
