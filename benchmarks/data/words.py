"""Words for names: a few common ones, and many rare ones, as in any register of firms."""

from collections.abc import Sequence
from itertools import product
from random import Random
from typing import TypeVar

T = TypeVar("T")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Joined from syllables, since lists of real surnames are shorter than a register of firms.
_STARTS = _words(
    "Al Bar Ber Bran Cal Cor Dal Der El Fal Fer Gar Gol Hal Har Hol Il Jan Kal Kar Kor Lan Lor"
    " Mal Mar Mor Nar Ner Nor Ol Or Pal Per Ras Ros Sal San Sel Sor Tal Tor Ul Val Ver Vol Wal"
    " Wen Yar Zan Zel"
)
_MIDDLES = _words("a e i o u ba da de di ga ke ki la le li ma mi na ne ra re ri sa se ta te ti va")
_ENDS = _words(
    "bach berg by court dal din dorf feld fors gren holm king lev ley lin lund mann mer ner nov"
    " rak rey ric rin sen ser ski son stad ster tin ton vic ville wick win wood worth yan zen"
)
SURNAMES = tuple("".join(parts) for parts in product(_STARTS, _MIDDLES, _ENDS))

TRADES = _words(
    "Engineering Steel Metal Machinery Industries Systems Components Precision Tools Automation"
    " Plastics Aerospace Hydraulics Castings Forgings Springs Bearings Gears Pumps Valves Motors"
    " Conveyors Packaging Signs Lighting Furniture Elevators Cranes Turbines Compressors Boilers"
    " Filters Sensors Instruments Optics Medical Marine Rail Agricultural Mining Printing Textile"
    " Bakery Dairy Brewing Glass Ceramics Timber Paper Rubber Coatings Fasteners Welding Moulds"
    " Dies Wire Cable Tubes Profiles Sheet Doors Locks Trailers Cycles Robotics Vending Displays"
)
STREETS = _words(
    "Station Mill Harbour Church Bridge Forge Foundry Park Market Canal Quarry Orchard Meadow"
    " Castle Windmill Railway Garden School Tannery Chapel"
)

PART_NOUNS = _words(
    "Bracket Housing Shaft Flange Cover Plate Frame Bushing Panel Manifold Gear Sign Lever Spacer"
    " Clamp Hinge Pulley Roller Hub Adapter Nozzle Impeller Piston Cylinder Spindle Coupling Guide"
    " Rail Holder Support Console Cabinet Door Drawer Hopper Chute Tray Basket Hook Pin Bolt Ring"
    " Sleeve Collar Disc Cam Rocker Yoke Fork Handle Knob Grille Duct Elbow Tee Cap Plug Seat"
)
PART_KINDS = _words(
    "left right upper lower inner outer front rear long short wide narrow heavy light welded milled"
    " turned cast forged bent slotted threaded flanged split double single sealed vented insulated"
    " galvanised painted polished hardened anodised reinforced adjustable removable spare prototype"
)
MATERIALS = _words("S235 S355 C45 42CrMo4 1.4301 1.4404 AlMg3 AlSi10 CuSn8 CuZn39 POM PA6 PTFE")
TITLE_ENDS = (
    "first batch",
    "repeat order",
    "spare parts",
    "prototype",
    "urgent replacement",
    "for the spring fair",
    "rework of returned goods",
    "second delivery",
    "with certificate 3.1",
    "sample for approval",
)
NOTES = (
    "Deliver in the customer's crates.",
    "Call before delivery.",
    "Certificate 3.1 goes with the parts.",
    "Partial deliveries are fine.",
    "The drawing's revision changed: compare with the last order.",
    "Paint as the colour card, not as the drawing.",
)
INSTRUCTIONS = (
    "Check the first piece with the gauge.",
    "Grain along the long side.",
    "Clamp on the raw side, 0.5 mm left for finishing.",
    "Mask the threads.",
    "Tack, measure the diagonals, then weld.",
    "Count, and put the traveller's copy in the box.",
    "Program and tools as in the folder at the machine.",
    "Do not stack without paper in between.",
)


def skewed(rng: Random, words: Sequence[T]) -> T:
    """Return one of the words, the first ones far more often: some common, most rare."""
    return words[int(len(words) * rng.random() ** 3)]
