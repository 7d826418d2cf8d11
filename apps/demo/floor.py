"""What the demo's shop can do, on which machines, and why things go wrong. Pure data."""

from typing import NamedTuple


class ProcessPlan(NamedTuple):
    """A process to be; ``losses`` are codes of the reasons why it scraps."""

    code: str
    name: str
    standard_minutes: int
    needs_machine: bool
    losses: tuple[str, ...]
    description: str


class MachinePlan(NamedTuple):
    """A machine to be; without a capacity it takes any number of steps."""

    code: str
    name: str
    processes: tuple[str, ...]
    capacity: int | None
    hourly_rate: str
    location: str


INSPECTION = "INS"  # The one process that operators only see.

PROCESSES = (
    ProcessPlan(
        "SAW", "Sawing", 25, True, ("dimension", "material"), "Bar and tube cut to length."
    ),
    ProcessPlan("LAS", "Laser cutting", 30, True, ("surface", "material"), "Sheet up to 20 mm."),
    ProcessPlan("BND", "Bending", 40, True, ("dimension", "surface"), "Press brakes, up to 3 m."),
    ProcessPlan(
        "TRN", "CNC turning", 60, True, ("dimension", "tool_mark"), "Bar work and chuck work."
    ),
    ProcessPlan(
        "MIL",
        "CNC milling",
        90,
        True,
        ("dimension", "tool_mark", "material"),
        "Three to five axes.",
    ),
    ProcessPlan(
        "DRL", "Drilling and tapping", 30, True, ("dimension", "tool_mark"), "Holes and threads."
    ),
    ProcessPlan("GRD", "Grinding", 45, True, ("dimension", "surface"), "Flat and cylindrical."),
    ProcessPlan("WLD", "Welding", 75, True, ("porosity", "dimension"), "MIG, TIG and spot."),
    ProcessPlan("DEB", "Deburring", 20, False, ("surface", "handling"), "By hand, at the benches."),
    ProcessPlan("WSH", "Washing", 20, True, ("surface",), "Degreasing before coating and packing."),
    ProcessPlan("PNT", "Powder coating", 50, True, ("coating",), "Pretreat, coat, cure at 180 °C."),
    ProcessPlan(
        "ENG",
        "Engraving",
        15,
        True,
        ("wrong_drawing", "surface"),
        "Serial numbers, scales, letters.",
    ),
    ProcessPlan(
        "ASM", "Assembly", 60, False, ("handling", "wrong_drawing"), "By hand, with torque record."
    ),
    ProcessPlan("INS", "Inspection", 25, False, ("dimension", "surface"), "Measured and released."),
    ProcessPlan("PCK", "Packing", 15, False, ("handling",), "Counted, wrapped, labelled."),
)

MACHINES = (
    MachinePlan("SAW-1", "Band saw 320", ("SAW",), 1, "28.00", "Hall A"),
    MachinePlan("SAW-2", "Circular cold saw", ("SAW",), 1, "30.00", "Hall A"),
    MachinePlan("LAS-1", "Fibre laser 3 kW", ("LAS",), 1, "95.00", "Hall A"),
    MachinePlan("LAS-2", "Fibre laser 6 kW", ("LAS",), 1, "120.00", "Hall A"),
    MachinePlan("LAS-3", "Tube laser", ("LAS", "SAW"), 1, "110.00", "Hall A"),
    MachinePlan("BRK-1", "Press brake 80 t", ("BND",), 1, "52.00", "Hall A"),
    MachinePlan("BRK-2", "Press brake 160 t", ("BND",), 1, "64.00", "Hall A"),
    MachinePlan("BRK-3", "Press brake 30 t", ("BND",), 1, "45.00", "Hall A"),
    MachinePlan("TRN-1", "Lathe with bar feeder", ("TRN",), 1, "62.00", "Hall B"),
    MachinePlan("TRN-2", "Lathe with bar feeder", ("TRN",), 1, "62.00", "Hall B"),
    MachinePlan("TRN-3", "Chuck lathe 400", ("TRN",), 1, "58.00", "Hall B"),
    MachinePlan("TRN-4", "Twin-spindle lathe", ("TRN", "DRL"), 1, "78.00", "Hall B"),
    MachinePlan("MTC-1", "Mill-turn centre", ("TRN", "MIL"), 1, "105.00", "Hall B"),
    MachinePlan("MIL-1", "Vertical mill 800", ("MIL", "DRL"), 1, "70.00", "Hall B"),
    MachinePlan("MIL-2", "Vertical mill 800", ("MIL", "DRL"), 1, "70.00", "Hall B"),
    MachinePlan("MIL-3", "Five-axis mill", ("MIL",), 1, "115.00", "Hall B"),
    MachinePlan("MIL-4", "Pallet mill", ("MIL",), 2, "98.00", "Hall B"),
    MachinePlan("MIL-5", "Old knee mill", ("MIL", "DRL"), 1, "35.00", "Hall B"),
    MachinePlan("DRL-1", "Drill press line", ("DRL",), 3, "24.00", "Hall B"),
    MachinePlan("DRL-2", "Tapping arm", ("DRL",), 1, "22.00", "Hall B"),
    MachinePlan("GRD-1", "Surface grinder", ("GRD",), 1, "55.00", "Hall B"),
    MachinePlan("GRD-2", "Cylindrical grinder", ("GRD",), 1, "66.00", "Hall B"),
    MachinePlan("WLD-1", "Welding cell MIG", ("WLD",), 1, "48.00", "Hall C"),
    MachinePlan("WLD-2", "Welding cell TIG", ("WLD",), 1, "54.00", "Hall C"),
    MachinePlan("WLD-3", "Welding robot", ("WLD",), 1, "88.00", "Hall C"),
    MachinePlan("WSH-1", "Tunnel washer", ("WSH",), 4, "20.00", "Hall C"),
    MachinePlan("PNT-1", "Powder line", ("PNT",), 3, "72.00", "Hall C"),
    MachinePlan("PNT-2", "Powder booth, small", ("PNT",), 1, "46.00", "Hall C"),
    MachinePlan("ENG-1", "Marking laser", ("ENG",), 1, "32.00", "Hall C"),
    MachinePlan("PKG-1", "Packing line", ("PCK",), None, "18.00", "Dispatch"),
)

SCRAP_REASONS = {
    "dimension": "Out of tolerance",
    "surface": "Scratched or dented",
    "material": "Material defect",
    "tool_mark": "Tool mark",
    "porosity": "Weld porosity",
    "coating": "Coating defect",
    "handling": "Damaged in handling",
    "wrong_drawing": "Made to a wrong drawing",
}
DOWNTIME_REASONS = {
    "breakdown": "Breakdown",
    "maintenance": "Planned maintenance",
    "tooling": "Tool broken or missing",
    "material": "No material",
    "operator": "No operator",
    "power": "Power or air failure",
    "cleaning": "Cleaning and calibration",
}
DOWNTIME_NOTES = {
    "breakdown": (
        "Coolant pump does not start.",
        "Axis drive fault; restarted twice.",
        "Guard switch.",
    ),
    "maintenance": ("Monthly service.", "Way oil and filters changed.", "Service by the maker."),
    "tooling": ("Insert holder broke.", "Punch worn; the spare is at the grinder's.", ""),
    "material": ("Sheets not delivered.", "Bar stock arrives on the next truck.", ""),
    "operator": ("Sick leave.", "Training day.", ""),
    "power": ("Compressed air under 5 bar.", "Power cut in the whole street.", ""),
    "cleaning": ("Chip conveyor emptied.", "Optics cleaned, focus set.", ""),
}
# Machine, minutes ago, reason and note of what is down at this moment.
DOWN_NOW = (
    ("MIL-5", 2 * 24 * 60 + 35, "breakdown", "Spindle bearing loud; the maker comes tomorrow."),
    ("LAS-3", 155, "material", "Tubes Ø 40 not delivered; purchasing is calling."),
    ("WLD-2", 40, "tooling", "Torch cable broken, replacing it."),
)
