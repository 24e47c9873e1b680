"""How often the checker errs on made-up claims, what its intervals miss, and what it can see."""

from __future__ import annotations

from evidence.record import RESULTS, mark
from theorycheck.commands.calibration.calibrate import calibrate, write_calibration


def main() -> None:
    """Calibrate with the defaults of the command, and write figures and numbers."""
    write_calibration(calibrate(progress=True), RESULTS, "theorycheck calibrate")
    mark("calibration", "calibrated")


if __name__ == "__main__":
    main()
