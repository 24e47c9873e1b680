"""Digits and other small images: read or made, learned by a perceptron, measured; never judged."""
