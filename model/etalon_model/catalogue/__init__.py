"""Referenced services: referencing, pairing, consents, exchanges, measures."""
