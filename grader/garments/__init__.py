"""Garments drawn on demand: the ten classes of Fashion-MNIST, without a photograph behind them."""

from grader.garments.canvas import SIDE
from grader.garments.dataset import CLASSES, GarmentImages, draw_garments

__all__ = ["CLASSES", "SIDE", "GarmentImages", "draw_garments"]
