"""What a region of the north brings: found by the entry points of the distribution."""
