"""Many runs of one scenario under other values: planned, spread over workers, kept, told apart."""
