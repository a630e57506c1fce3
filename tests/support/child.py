"""A child process that does what its first argument says, for test_child_process.py."""

import json
import os
import sys
import time

from grader.common.child_process import answering


def main() -> None:
    order = json.loads(sys.stdin.readline())
    with answering() as answer:
        answer({"order": order})
        print("what a learner's code prints")
        os.write(2, b"and an error\n")
        match sys.argv[1]:
            case "sleeps":
                time.sleep(60)
            case "crashes":
                os.abort()
            case "breaks off":
                os.write(3, b'{"half')
                os._exit(0)
            case "imports":
                import json as found

                answer(found.__file__)
        answer("the last")


if __name__ == "__main__":
    main()
