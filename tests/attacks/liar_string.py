"""A submission cannot pass by an answer that equals everything."""


class Liar(str):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __str__(self):  # who wants it plain gets the liar back
        payload_ran()
        return self

    __hash__ = str.__hash__


def find_head(model):
    return Liar("whatever you expect")
