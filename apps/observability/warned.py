"""What is wrong, and what to do about it: the one way in which health speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is not as it should be, and what to do."""

    code: str
    detail: str
    advice: str
