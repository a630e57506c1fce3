"""For course writers: stubs, notebooks, releases, the demo class, the audit of the checks."""
