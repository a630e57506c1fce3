"""The kit's exceptions.

    UserError           the user's mistake: the command line prints its one line and exits with 2
    KitError            the kit's own trouble: one line, exit code 3, no learner's fault
      ServerGone        the sandbox's fork server was killed from outside
    NeedsGpu            a check has to wait for a GPU
    DownloadFailed      a file could not be downloaded

What learners' code does is told by exceptions beside what raises them:

    RunnerEnded         the learner's side is gone: a crash, a limit (`protocol.channel`)
    FrameError          what came over the border breaks the format (`protocol.codec`)
    LearnerError        the learner's code raised an exception (`judge.submission`)
    Mismatch            what came back is not what the contract promises (`judge.expectations`)
    CellTooLong         a notebook's cell computes for too long (`runner.cells`)
"""


class UserError(Exception):
    """A mistake of the person at the keyboard: one line that says what is wrong and what to do."""


class KitError(Exception):
    """Something that the kit needs is not there: never the learner's fault, never counted."""


class ServerGone(KitError):
    """The sandbox's fork server was killed, from outside: no submission can do that."""


class NeedsGpu(Exception):
    """There is no GPU for a check that needs one: not the learner's fault."""


class DownloadFailed(Exception):
    """A file could not be had; the message says why, of every server that was asked."""
