"""Requirements, checks, verdicts and evidence: what an implementation does, beside the model."""
