"""What the demo's shop makes: families of parts, each with its routing. Pure data."""

from decimal import Decimal
from math import ceil
from typing import NamedTuple

from apps.jobs.states import StartsAfter

_FIRST = StartsAfter.FIRST_GOOD


class Operation(NamedTuple):
    """One step of a routing; minutes of setting up, and of running per piece."""

    sequence: int
    process: str
    setup: int
    run: str
    starts_after: StartsAfter = StartsAfter.FINISHED
    machine: str | None = None
    instructions: str = ""

    def minutes(self, quantity: int) -> int:
        """Return the planned minutes of so many pieces."""
        return self.setup + ceil(Decimal(self.run) * quantity)


class Family(NamedTuple):
    """Parts that are made alike: their letter, sizes in which they are ordered, and the way."""

    letter: str
    name: str
    quantities: tuple[int, ...]
    operations: tuple[Operation, ...]


_Op = Operation
PACK = "Count, and put the traveller's copy in the box."

FAMILIES = (
    Family(
        "B",
        "Bracket",
        (50, 80, 120, 200, 300, 500),
        (
            _Op(10, "LAS", 15, "1.5", instructions="3 mm S355, grain along the long side."),
            _Op(20, "DEB", 5, "1", _FIRST),
            _Op(30, "BND", 25, "2.4", instructions="Check the first piece with the angle gauge."),
            _Op(40, "PNT", 25, "1.7", machine="PNT-1", instructions="RAL 9005, mask the threads."),
            _Op(50, "PCK", 5, "0.51", instructions=PACK),
        ),
    ),
    Family(
        "H",
        "Housing",
        (8, 12, 16, 24, 40),
        (
            _Op(10, "SAW", 10, "6.8"),
            _Op(
                20,
                "MIL",
                60,
                "29",
                instructions="Clamp on the raw side, 0.5 mm left for finishing.",
            ),
            _Op(30, "DRL", 15, "8.5"),
            _Op(40, "DEB", 5, "10"),
            _Op(50, "WSH", 10, "3.4"),
            _Op(
                60, "INS", 10, "8.5", instructions="Bore 62 H7 and the face's flatness, all pieces."
            ),
            _Op(70, "PCK", 5, "3.4", instructions=PACK),
        ),
    ),
    Family(
        "S",
        "Shaft",
        (20, 40, 60, 120),
        (
            _Op(10, "SAW", 10, "2.6"),
            _Op(20, "TRN", 45, "10", instructions="Centre both ends first."),
            _Op(30, "MIL", 30, "6.8", instructions="Keyway."),
            _Op(40, "GRD", 35, "6.8", machine="GRD-2"),
            _Op(50, "INS", 10, "1.7"),
            _Op(60, "PCK", 5, "1.4", instructions="Oil and net sleeve. " + PACK),
        ),
    ),
    Family(
        "F",
        "Flange",
        (40, 60, 100, 160),
        (
            _Op(10, "TRN", 40, "6.8"),
            _Op(20, "DRL", 20, "3.7", _FIRST),
            _Op(30, "DEB", 5, "1.4"),
            _Op(40, "PCK", 5, "0.68", instructions=PACK),
        ),
    ),
    Family(
        "C",
        "Cover",
        (40, 80, 120, 240),
        (
            _Op(10, "LAS", 15, "2.4"),
            _Op(20, "BND", 30, "3.6"),
            _Op(30, "PNT", 25, "2.6", instructions="RAL 7035, outside only."),
            _Op(40, "PCK", 5, "1", instructions=PACK),
        ),
    ),
    Family(
        "P",
        "Plate",
        (40, 80, 120, 160),
        (
            _Op(10, "LAS", 15, "5.1"),
            _Op(20, "DEB", 5, "2.7", _FIRST),
            _Op(30, "PCK", 5, "1", instructions=PACK),
        ),
    ),
    Family(
        "R",
        "Frame",
        (2, 3, 4, 6, 8),
        (
            _Op(10, "SAW", 15, "37", instructions="Tube 40 × 40 × 3, mitred."),
            _Op(10, "LAS", 15, "24", instructions="Gussets and base plates."),
            _Op(20, "WLD", 35, "162", instructions="Tack, measure the diagonals, then weld."),
            _Op(30, "GRD", 10, "48", machine="GRD-1"),
            _Op(40, "PNT", 25, "51"),
            _Op(50, "ASM", 15, "110"),
            _Op(60, "INS", 10, "34"),
            _Op(70, "PCK", 10, "42"),
        ),
    ),
    Family(
        "U",
        "Bushing",
        (400, 800, 1200, 2000),
        (
            _Op(10, "TRN", 45, "1", machine="TRN-1", instructions="Bronze, from the bar feeder."),
            _Op(20, "DEB", 5, "0.26", _FIRST),
            _Op(30, "WSH", 10, "0.08"),
            _Op(40, "PCK", 5, "0.08", machine="PKG-1", instructions="Bags of 50."),
        ),
    ),
    Family(
        "N",
        "Panel",
        (10, 20, 40, 80),
        (
            _Op(10, "LAS", 15, "6.8"),
            _Op(10, "SAW", 10, "5.1", instructions="Stiffeners."),
            _Op(20, "BND", 30, "8.5"),
            _Op(30, "PNT", 25, "6.8"),
            _Op(40, "ENG", 10, "3.4", machine="ENG-1"),
            _Op(50, "ASM", 15, "12"),
            _Op(60, "PCK", 5, "5.1"),
        ),
    ),
    Family(
        "M",
        "Manifold",
        (4, 6, 8, 16),
        (
            _Op(10, "SAW", 10, "14"),
            _Op(20, "MIL", 75, "54", machine="MIL-3", instructions="Five sides in one clamping."),
            _Op(30, "DRL", 25, "37", _FIRST),
            _Op(40, "DEB", 10, "24", instructions="Crossing bores: check with the endoscope."),
            _Op(50, "WSH", 10, "8.5"),
            _Op(60, "INS", 15, "20", instructions="Leak test at 40 bar."),
            _Op(60, "ENG", 5, "5.1", machine="ENG-1"),
            _Op(70, "PCK", 5, "6.8", instructions="Plug all ports. " + PACK),
        ),
    ),
    Family(
        "G",
        "Gear",
        (10, 20, 40, 80),
        (
            _Op(10, "TRN", 45, "10"),
            _Op(20, "MIL", 45, "15"),
            _Op(30, "GRD", 30, "10"),
            _Op(40, "INS", 10, "4.2"),
            _Op(50, "PCK", 5, "1.7", instructions=PACK),
        ),
    ),
    Family(
        "L",
        "Sign",
        (4, 6, 10, 20, 40),
        (
            _Op(10, "LAS", 15, "8.5"),
            _Op(20, "PNT", 30, "14", instructions="As the customer's colour card."),
            _Op(30, "ENG", 10, "10", _FIRST, "ENG-1"),
            _Op(40, "ASM", 10, "24"),
            _Op(50, "PCK", 5, "6.8"),
        ),
    ),
)
