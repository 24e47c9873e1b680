"""The commands on images."""
