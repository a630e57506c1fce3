"""The model comes back as the first layer of a Sequential: its parameters have other names.

Fails: 01.load_pretrained.weights_of_the_file
"""


def load_pretrained(name, weights="DEFAULT"):
    return nn.Sequential(get_model(name, weights=_weights_entry(name, weights))).eval()
