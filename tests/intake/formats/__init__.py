"""One small shop, written as every format would write it: its headers, encoding, newlines, quotes."""
