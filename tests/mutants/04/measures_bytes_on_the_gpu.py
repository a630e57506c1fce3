"""Validation sends the images to a GPU as whole bytes: what lies between is lost.

Fails: 04.fit.device
"""


@torch.no_grad()
def _measure(model, loader, device):
    model.eval()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        if str(device) != "cpu":
            images = images.to(torch.uint8).float()
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        total += nn.functional.cross_entropy(logits, labels).item() * len(labels)
        correct += (logits.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count
