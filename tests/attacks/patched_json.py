"""A submission cannot crash the judge by replacing what the runner writes its replies with."""

import json

from grader.protocol import codec

json.dumps = json.loads = lambda *arguments, **options: "[]"
codec.encode = lambda value, *rest: b"\x00" * 12
codec.decode = lambda frame, *rest: {"operation": "load"}
