"""The two ways in which the kit stops: the user's mistake, and its own."""


class UserError(Exception):
    """A mistake of the person at the keyboard: one line that says what is wrong and what to do."""


class KitError(Exception):
    """Something that the kit needs is not there: never the learner's fault, never counted."""
