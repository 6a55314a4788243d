"""Floor 6: what calls a running sandbox from outside, over HTTP alone; serves nothing."""
