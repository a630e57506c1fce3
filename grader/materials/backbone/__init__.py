"""The pretrained backbone: importing this registers `efficientnet_lite0` in torchvision."""

from grader.materials.backbone.model import EfficientNet_Lite0_Weights, efficientnet_lite0
from grader.materials.backbone.network import EfficientNetLite

__all__ = ["EfficientNetLite", "EfficientNet_Lite0_Weights", "efficientnet_lite0"]
