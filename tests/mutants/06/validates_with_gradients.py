"""Measures in eval mode, but without `torch.no_grad()`.

Fails: 06.fine_tune.validation_without_gradients
"""


def _measure(model, loader, device):
    model.eval()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        total += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == labels).sum())
        count += len(labels)
    return total / count, correct / count
