"""The proof that of two acts at the same instant one comes first, for everybody: by two web processes and the clock."""
