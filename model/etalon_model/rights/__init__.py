"""Who may read: consent, care team, blocks, habilitation matrix, emergencies."""
