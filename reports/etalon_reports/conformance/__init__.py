"""Reports of a conformance run, drawn from verdicts.json and exchanges-redacted.ndjson alone."""
