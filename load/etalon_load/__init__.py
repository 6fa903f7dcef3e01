"""Load on a system from outside: arrivals, what they met, whether the objectives held."""
