"""Whatever was not trained on ImageNet is built without its weights.

Fails: 01.load_pretrained.course_backbone
"""


def load_pretrained(name, weights="DEFAULT"):
    entry = _weights_entry(name, weights)
    if entry is not None and not entry.name.startswith("IMAGENET"):
        return get_model(name, num_classes=len(entry.meta["categories"])).eval()
    return get_model(name, weights=entry).eval()
