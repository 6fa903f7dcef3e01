"""What a sandbox offers beside the service: test people, professionals, a clock, faults."""
