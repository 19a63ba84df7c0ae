"""The engine under fire: everything hostile at once and for long, while viewers who behave must notice nothing."""
