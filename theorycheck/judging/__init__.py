"""From runs along a family to a verdict; makes no page and opens no file but a user's module."""
