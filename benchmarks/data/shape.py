"""The shape of the shop, the same at every size. A share is a part of one."""

# Time.
HISTORY_YEARS = 5  # Long enough that most of the table is never asked for.
LEAD_DAYS = (20, 180)  # From order to due date, as make-to-order shops promise: weeks to months.
LONGEST_WAIT_DAYS = 3  # From draft to release.
DURATION = (0.3, 1.2)  # Of the lead time that a job takes: one in eleven comes late.
NO_DUE_DATE = 0.04  # Stock orders and the shop's own work.

# Jobs. The newest are open, ever fewer with age: in a shop nobody draws open jobs by lot.
OPEN_AGE = 0.028  # The age, as a share of all jobs, at which a third (1/e) is still open.
FORGOTTEN = 0.002  # Open for no reason, at any age.
DRAFT, ON_HOLD = 0.15, 0.06  # Of the open; the rest is active.
CANCELLED = 0.01  # Of those no longer open.
CANCELLED_AS_DRAFT = 0.3
PRIORITIES = (1,) * 70 + (0,) * 15 + (2,) * 12 + (3,) * 3  # Normal, low, high, urgent.
QUANTITIES = (1, 1, 2, 4, 5, 8, 10, 10, 20, 20, 25, 40, 50, 50, 80, 100, 100, 200, 250, 500, 1000)
EDITED = 0.15  # Jobs whose due date, title or notes someone changed later.
WITH_NOTES = 0.05
OWN_TITLE = 0.3  # The others are called as their part.
WITH_EXTERNAL_ID = 0.2  # Jobs that came from another system.

# Customers, parts and routings are picked by rank n·u^SKEW of a uniform u: popularity falls with
# the rank to the power of 1/SKEW - 1, like Zipf's law.
CUSTOMER_SKEW = 4  # The best fifth gives two thirds of the jobs; more than half give none.
ROUTING_SKEW = PART_SKEW = 2  # A third of the parts makes more than half of the jobs.
CUSTOMERS_BEFORE = 0.6  # Customers known before the first job; the others came with time.

# Steps a job: of a thousand jobs, how many have one step, two, … twenty. Eight on average.
STEPS_PER_JOB = 8
LENGTHS = (15, 25, 45, 64, 100, 120, 130, 120, 95, 75, 55, 40, 30, 28, 16, 12, 9, 8, 7, 6)
SIDE_BY_SIDE = 0.08  # Operations that share the sequence of the one before.
FIRST_GOOD = 0.1  # Operations that start after a first good piece.
FIXED_MACHINE = 0.75  # Operations that name their machine; for others the operator chooses.
WITH_INSTRUCTIONS = 0.4

# What is going on. People bound it: it is so much an operator, and at most so much of the jobs.
AT_WORK = (0.4, 0.3)  # Steps in progress: the rest of the operators is off shift or in between.
PAUSED = (0.5, 0.1)  # Steps put down.
ASSIGNED = (3.0, 0.5)  # Ready steps given to someone; the others are free for all.
BEGUN_WHEN_STOPPED = 0.3  # Steps that had been begun when their job was held or cancelled.
SECOND_OPERATOR = 0.2  # Steps in progress on which two people work.
LONGEST_STRETCH_HOURS = 4  # Since when people have been at it.

# Work logs and what was made; per finished step, and at most one of these oddities on each.
SKIPPED = 0.01
TWO_LOGS, THREE_LOGS = 0.09, 0.03  # Several stretches, or several people.
SETUP_LOG = 0.5  # Of several logs, the first is for setting up.
LOSSES = 0.06  # Steps with scrap or rework.
LARGEST_LOSS = 0.1  # Of the quantity.
REWORK = 0.3  # Of the losses that can be made good.
CORRECTED = 0.003  # Steps with a correction log.

# People and machines.
MANAGERS, PLANNERS, SUPERVISORS, VIEWERS, ADMINISTRATORS = 0.01, 0.04, 0.05, 0.04, 0.005
GENERALISTS = 0.4  # Operators who do everything but inspection; the others belong to a crew.
RETIRED = 0.08  # Users, parts, routings and customers no longer active.
MACHINES_DOWN = 0.03
DOWNTIMES_PER_MACHINE = 24
HELP_CALLS_PER_MACHINE = 40
