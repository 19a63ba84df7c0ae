"""An order in words, for whoever looks: sentences, times, amounts, the timeline, the bill."""
