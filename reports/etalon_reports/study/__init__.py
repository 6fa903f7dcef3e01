"""Pages of studies of many runs: sweeps, calibrations, forecasts."""
