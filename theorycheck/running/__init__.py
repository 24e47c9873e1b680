"""Runs made in processes or on a cluster, and the file that keeps them; knows no claim."""
