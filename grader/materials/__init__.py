"""Images and weights: drawn garments, the embedded backbone, downloads, the exam of exercise 08."""
