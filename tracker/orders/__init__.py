"""What is true: the order, its lines, money, times, progress, what may be done to it, and what has happened."""
