"""Sets the flag of the model itself; its layers stay in training mode.

Fails: 01.load_pretrained.eval_mode
"""


def load_pretrained(name, weights="DEFAULT"):
    model = get_model(name, weights=_weights_entry(name, weights))
    model.training = False
    return model
