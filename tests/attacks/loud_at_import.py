"""A submission cannot control the instructor's terminal, or a page, by an error at its import."""

HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>"
TEXT = f"\x1b]0;title\x07\x1b[2J\x1b[31m{HTML}\r\n=cmd|' /C calc'!A0\u202e\x00\udc80"
print(TEXT)
payload_ran()
raise ValueError(TEXT)
