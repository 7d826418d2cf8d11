"""What people do at random: who, to what, and how."""

from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests.properties import model
from tests.properties.world import MACHINES, PLANS

QUANTITY = 4
MOST_JOBS = 3  # Open ones: few, so that much happens to each.
ANY = 3  # The one pick of four that does not look for what fits.

OPEN_JOBS = ("draft", "active", "on_hold")
ACTIONS = {  # What may be done to a job, and in which state one may.
    "release": ("draft",),
    "hold": ("active",),
    "resume": ("on_hold",),
    "reopen": ("completed",),
    "complete": ("active",),
}

# The likeliest first, which is also what a failure is reduced to. None: whoever works on it.
office = st.sampled_from((*["planner"] * 6, "manager", "ann", "visitor"))
someone = st.sampled_from((*[None] * 6, "ann", "bob", "foreman", "manager", "visitor"))
NOBODY = (None, None)  # Nobody in particular: whoever may, or works on it.
hands = st.sampled_from(  # Who acts, and for whom.
    (
        *[NOBODY] * 12,
        *((name, None) for name in ("ann", "bob", "manager", "visitor")),
        *product(("ann", "foreman"), ("ann", "bob", "visitor")),
    )
)
assignees = st.sampled_from((None, "bob", "ann", "visitor"))
supervisors = st.sampled_from((*["manager"] * 3, *["foreman"] * 3, "ann", "planner"))
picks = st.integers(0, 63)
actions = st.sampled_from((*ACTIONS, *ACTIONS, "resume", "reopen", "cancel"))
plans = st.sampled_from(sorted(PLANS))
sequences = st.sampled_from((20, 10, 5, 30))
machines = st.sampled_from(("saw", "laser", "saw", None, "bench"))
pieces = st.builds(
    model.Pieces, good=st.integers(0, 4), scrap=st.integers(0, 1), rework=st.integers(0, 1)
)
reports = st.fixed_dictionaries({"reason": st.booleans(), "allow_over": st.booleans()})
NO_CHOICES = {"reason": False, "allow_over": False}
starts = st.fixed_dictionaries(
    {"machine": machines, "join": st.booleans(), "take_over": st.booleans()}
)
changes = st.builds(model.Pieces, good=st.integers(-2, 2), scrap=st.integers(-1, 1))


# Of each deed, how likely it is, and what may be chosen.
DEEDS = {
    "create_job": (1, {"who": office, "plan": plans, "released": st.booleans()}),
    "run_job": (6, {"pick": picks, "who": office, "action": actions}),
    "change_priority": (1, {"pick": picks, "who": office, "priority": st.integers(0, 3)}),
    "add_step": (
        2,
        {
            "pick": picks,
            "who": office,
            "sequence": sequences,
            "process": st.sampled_from(sorted(model.PROCESSES)),
            "starts_after": st.sampled_from(("finished", "first_good")),
        },
    ),
    "move_step": (1, {"pick": picks, "who": office, "sequence": sequences}),
    "begin": (4, {"pick": picks}),
    "start": (4, {"pick": picks, "hands": hands, "choices": starts}),
    "report": (
        9,
        {
            "pick": picks,
            "hands": hands,
            "made": pieces,
            "choices": reports,
            "then": st.sampled_from(("report", "complete", "pause")),
        },
    ),
    "undo": (3, {"pick": picks, "who": someone}),
    "time_passes": (1, {}),
    "assign": (2, {"pick": picks, "who": supervisors, "worker": assignees}),
    "skip_or_reopen": (
        3,
        {"pick": picks, "who": supervisors, "action": st.sampled_from(("reopen", "skip"))},
    ),
    "correct": (
        2,
        {"pick": picks, "who": supervisors, "change": changes, "reason": st.booleans()},
    ),
    "change_rights": (1, {"may": st.booleans()}),
    "downtime": (
        2,
        {"who": someone, "machine": st.sampled_from(sorted(MACHINES)), "ends": st.booleans()},
    ),
}


def deeds() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Return the strategy of a deed's name and choices."""
    names = [name for name, (weight, _) in DEEDS.items() for _ in range(weight)]
    return st.sampled_from(names).flatmap(
        lambda name: st.tuples(st.just(name), st.fixed_dictionaries(DEEDS[name][1]))
    )
