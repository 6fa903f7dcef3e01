"""Reports of load: a run, a search for capacity, two runs compared."""
