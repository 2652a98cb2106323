"""What Runs say."""
