"""The model stays in eval mode.

Fails: 05.evaluate.mode_before_and_after
"""


def evaluate(model, loader, device):
    model.eval()
    total, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            logits = model(images)
            total += nn.functional.cross_entropy(logits, labels).item() * len(labels)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    if count == 0:
        raise ValueError("empty")
    return total / count, correct / count
