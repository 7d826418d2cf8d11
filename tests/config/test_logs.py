"""What is logged, and what would only fill the log."""

import logging

import pytest

from config.components import logs


@pytest.mark.parametrize(("status", "is_logged"), [(401, False), (403, True), (500, True)])
def test_a_wall_that_is_signed_out_fills_no_log(status, is_logged):
    said = logs.logging("INFO", structured=True)["filters"]["signed_in"]
    keep = said["()"](said["callback"])
    record = logging.makeLogRecord({"status_code": status})
    assert bool(keep.filter(record)) is is_logged


def test_what_is_no_answer_is_logged():
    said = logs.logging("INFO", structured=False)["filters"]["signed_in"]
    assert said["()"](said["callback"]).filter(logging.makeLogRecord({}))
