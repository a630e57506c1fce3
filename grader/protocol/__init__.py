"""Everything that crosses the border between the trusted judge and the untrusted runner."""
