"""A submission cannot live on the checks that expect an error."""


def find_head(model):
    raise ValueError


def swap_head(model, num_classes=10, dropout=0.0):
    raise ValueError


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    raise ValueError
