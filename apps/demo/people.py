"""Who works in the demo's shop. Pure data."""

from typing import NamedTuple

from apps.demo.calendar import DAY

PASSWORD = "andon"  # noqa: S105 - of the demo, printed at every start
PIN = "4711"  # Of everyone in the demo, at shared terminals.
OPERATOR, SUPERVISOR = "operator", "supervisor"  # The demo's sign-ins for the floor.

EARLY, LATE = (6 * 60, 14 * 60), (14 * 60, 22 * 60)


class Person(NamedTuple):
    """A user to be; the shift (minutes of a day) and skills of those who work steps."""

    username: str
    full_name: str
    role: str
    skills: tuple[str, ...] = ()
    shift: tuple[int, int] = EARLY

    def on_duty_from(self, when: int) -> int:
        """Return the first minute from ``when`` at which five minutes of their shift are left."""
        day, minute = divmod(when, DAY)
        start, end = self.shift
        if minute < start:
            return day * DAY + start
        return when if minute <= end - 5 else (day + 1) * DAY + start

    def shift_end(self, when: int) -> int:
        """Return the end of the shift in which ``when`` lies."""
        return when // DAY * DAY + self.shift[1]


PEOPLE = (
    Person("admin", "Ayşe Demir", "administrator"),
    Person("manager", "Martin Keller", "manager"),
    Person("planner", "Paula Novak", "planner"),
    Person(SUPERVISOR, "Samuel Osei", SUPERVISOR, ("INS",)),
    Person(OPERATOR, "Olga Marin", OPERATOR, ("BND", "DRL", "DEB", "ASM", "PCK")),
    Person("viewer", "Victor Hale", "viewer"),
    Person("hanna", "Hanna Lindqvist", "planner"),
    Person("rashid", "Rashid Karim", SUPERVISOR, ("INS", "WLD")),
    Person("ines", "Inês Carvalho", SUPERVISOR, ("INS",), LATE),
    Person("adam", "Adam Kowalski", OPERATOR, ("SAW", "LAS", "DEB")),
    Person("bea", "Bea Fischer", OPERATOR, ("LAS", "BND")),
    Person("carlos", "Carlos Ruiz", OPERATOR, ("TRN", "SAW")),
    Person("dilek", "Dilek Aydın", OPERATOR, ("MIL", "DRL")),
    Person("emeka", "Emeka Obi", OPERATOR, ("MIL", "GRD")),
    Person("fatma", "Fatma Çelik", OPERATOR, ("ASM", "PCK", "ENG")),
    Person("giulia", "Giulia Rossi", OPERATOR, ("PNT", "WSH", "PCK")),
    Person("hugo", "Hugo Martin", OPERATOR, ("WLD", "GRD")),
    Person("irina", "Irina Popescu", OPERATOR, ("DEB", "PCK", "WSH")),
    Person("jonas", "Jonas Berg", OPERATOR, ("TRN", "MIL")),
    Person("kenji", "Kenji Mori", OPERATOR, ("TRN", "GRD", "DRL"), LATE),
    Person("leyla", "Leyla Haddad", OPERATOR, ("LAS", "BND", "DEB"), LATE),
    Person("mehmet", "Mehmet Kaya", OPERATOR, ("MIL", "SAW"), LATE),
    Person("nadia", "Nadia Costa", OPERATOR, ("PNT", "ENG", "PCK"), LATE),
    Person("owen", "Owen Clarke", OPERATOR, ("WLD", "ASM"), LATE),
    Person("petra", "Petra Horvat", OPERATOR, ("DEB", "WSH", "ASM", "PCK"), LATE),
)
WORKERS = tuple(person for person in PEOPLE if person.skills)
