"""What is measured for theorems on the sibling models."""
