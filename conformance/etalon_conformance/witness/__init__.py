"""The witness: plays the service before client software, watches what it sends, and judges it.

A profile (`data/witness/*.toml`) is a list of steps that an operator, a command or a client of ours
carries out. The recorder stands before the reference server and keeps every exchange; some steps
have the server misbehave on purpose. The judge is pure: exchanges in, verdicts out.
"""
