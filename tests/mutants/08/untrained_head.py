"""The head gets its shape and is never trained.

Fails: 08.train_classifier.learns
"""


def fit_head(model, images, labels):
    model.eval()
    torch.manual_seed(0)
    with torch.no_grad():
        model(images[:1])
