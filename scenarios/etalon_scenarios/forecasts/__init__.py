"""What follows the first weeks of a campaign that is under way, by age and sex where they tell."""
