"""Descriptions of an order for pages, widget and API: sentences, times, amounts, the timeline, the bill."""
