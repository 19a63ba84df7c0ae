"""The way in: a notice as it arrived, kept before it is understood; one file for each platform."""
