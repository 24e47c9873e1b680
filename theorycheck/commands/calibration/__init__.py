"""The checker held to claims that are made up so that their truth is known."""
