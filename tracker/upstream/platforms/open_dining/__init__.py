"""The words of Open Dining's real-time contract, read forgivingly."""
