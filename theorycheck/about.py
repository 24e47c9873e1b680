"""What makes a result: this version, and the versions of everything that decides its last bits."""

from __future__ import annotations

from functools import cache

VERSION = "0.2.0"


@cache
def versions() -> dict[str, str]:
    """Return everything beside the machine that decides the last bits of a result, by name."""
    import platform
    from importlib.metadata import version

    import numpy  # noqa: F401  (its BLAS is there once it is loaded)
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    blas = {
        f"{one['internal_api']} {one['version']} {one.get('architecture', '')}".strip()
        for one in threadpool_info()
        if one["user_api"] == "blas"
    }
    return {
        "theorycheck": VERSION,
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "sympy")},
        "blas": ", ".join(sorted(blas)),
        "machine": f"{platform.system()} {platform.machine()}",
    }
