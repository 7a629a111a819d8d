"""What the user reads: failures, quantities and times in words."""
