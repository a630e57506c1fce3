"""A submission cannot interrupt the grading as the instructor's Ctrl-C would."""


def find_head(model):
    raise KeyboardInterrupt


def swap_head(model, num_classes=10, dropout=0.0):
    raise type("Stop", (BaseException,), {})


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    raise GeneratorExit
