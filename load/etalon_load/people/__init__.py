"""The test people of a load: who is wanted, made, dealt out to workers, removed again."""
