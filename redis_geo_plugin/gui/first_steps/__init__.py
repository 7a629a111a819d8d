"""What an empty panel offers, sample data, and where to begin after an install."""
