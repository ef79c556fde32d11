"""What an organizer decides about signatures: held ones, whole groups by rule, alarms."""
