"""The order: its lines, money, times, progress and history, and the operations that change it."""
