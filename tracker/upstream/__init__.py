"""The way in: each notice is kept as it arrived before it is acted on; platforms/ translates those of each platform."""
