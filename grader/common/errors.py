"""The kit's exceptions.

    UserError           the user made a mistake: the command line prints one line and exits with 2
    KitError            the kit itself has a problem: one line, exit code 3, not the learner's fault
      ServerGone        the sandbox's fork server was killed from outside
    NeedsGpu            a check has to wait for a GPU
    DownloadFailed      a file could not be downloaded

Exceptions about what learners' code does are defined in the modules that raise them:

    RunnerEnded         the runner has ended: a crash, a limit (`protocol.channel`)
    FrameError          a message between judge and runner breaks the format (`protocol.codec`)
    LearnerError        the learner's code raised an exception (`judge.submission`)
    Mismatch            a returned value is not what the contract promises (`judge.expectations`)
    CellTooLong         a notebook's cell takes too long (`runner.cells`)
"""


class UserError(Exception):
    """The user made a mistake; the message says in one line what is wrong and what to do."""


class KitError(Exception):
    """Something that the kit needs is missing: never the learner's fault, and never graded."""


class ServerGone(KitError):
    """The sandbox's fork server was killed from outside: no submission can do that."""


class NeedsGpu(Exception):
    """A check needs a GPU and there is none: not the learner's fault."""


class DownloadFailed(Exception):
    """A file could not be downloaded; the message gives the reason for each server tried."""
