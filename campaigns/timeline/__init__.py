"""The timeline: what happened in a campaign, day by day, as its public page tells it."""
