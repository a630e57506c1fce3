"""For course writers: stubs, notebooks, releases, a demonstration, the audit of the checks."""
