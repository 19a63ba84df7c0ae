"""One file for each platform: its words into ours, and nothing else."""
