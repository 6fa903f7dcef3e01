"""Connecting a client to the witness: certificates, names, test identities, and trying each."""
