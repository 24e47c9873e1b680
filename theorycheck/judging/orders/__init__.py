"""Claims with an order: how their implied constants move, and what that decides."""
