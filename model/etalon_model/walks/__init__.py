"""Seeded walks over every command of the service, for tests, proofs and benchmarks."""
