"""Where people land after they signed in."""

from apps.accounts.models import Role, User

PLACES = {
    Role.Home.BOARD: "home",
    Role.Home.TASKS: "tasks",
    Role.Home.OFFICE: "admin:index",
    Role.Home.FLOOR: "floor",
}


def home_of(user: User) -> str:
    """Return the name of the page where the user's role works; the office asks for a password."""
    home = Role.Home(user.role.home)
    if home is Role.Home.OFFICE and user.at_terminal:
        home = Role.Home.TASKS
    return PLACES[home]
