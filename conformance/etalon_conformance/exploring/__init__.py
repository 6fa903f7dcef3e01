"""Sequences of calls that nobody wrote: drawn from the model, judged by the model, made short."""
