"""The accuracy is a percentage.

Fails: 06.fine_tune.validation_in_eval_mode
"""


@torch.no_grad()
def _measure(model, loader, device):
    model.eval()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        total += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == labels).sum())
        count += len(labels)
    return total / count, 100 * correct / count
