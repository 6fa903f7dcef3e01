"""Mail in and out: an SMTP listener in the loop of the server, what comes of a mail, what leaves.

Nothing here reads mail: that is `etalon_wire.mail`. Nothing here decides: that is the model.
"""
