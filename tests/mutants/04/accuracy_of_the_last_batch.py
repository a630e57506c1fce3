"""The count of right answers begins anew with every validation batch.

Fails: 04.fit.validation
"""


@torch.no_grad()
def _measure(model, loader, device):
    model.eval()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        total += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        correct = int((logits.argmax(dim=1) == labels).sum())
        count += len(labels)
    return total / count, correct / len(labels)
