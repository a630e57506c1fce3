"""The images are shuffled before training, and the labels stay in their order.

Fails: 08.train_classifier.learns
"""

_fit_in_order = fit_head


def fit_head(model, images, labels):
    generator = torch.Generator().manual_seed(0)
    _fit_in_order(model, images[torch.randperm(len(images), generator=generator)], labels)
