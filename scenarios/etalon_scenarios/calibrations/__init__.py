"""Parameters fitted to measured figures by simulation, with what the figures leave open."""
