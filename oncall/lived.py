"""The worker in a past that is lived through quickly: which of its jobs, when, until each has nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall import office_jobs, rota_jobs, worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    Jobs = tuple[Callable[[worker.Turn], bool | None], ...]

BETWEEN = (
    worker.page_about_emergencies_that_nobody_has,
    worker.deliver_what_is_due,
    worker.close_calls_nobody_knows_of,
    worker.free_engineers_of_lapsed_rings,
    worker.read_mail_that_came_in,
    worker.judge_what_is_due,
    worker.write_to_customers,
    worker.warn_before_time_is_up,
    worker.deliver_what_is_due,
)
NIGHT = (
    office_jobs.charge_what_has_changed,
    office_jobs.hold_our_calls_against_the_carriers,
    rota_jobs.write_down_who_was_on_duty,
    rota_jobs.let_swaps_expire,
    rota_jobs.ask_who_covers_for_leave,
    worker.compute_due_times_anew,
    office_jobs.charge_lines_anew,
)
WEEK = (office_jobs.remove_what_was_kept_long_enough,)
MORNING = (
    rota_jobs.look_whether_everybody_would_be_reached,
    rota_jobs.tell_people_of_the_rota,
    worker.deliver_what_is_due,
)
JOBS: Mapping[str, Jobs] = {"between": BETWEEN, "night": NIGHT, "morning": MORNING, "week": WEEK}


def lived(app: Flask, kind: str) -> None:
    """The jobs of that kind, once; one that fails raises, for nobody is there who would try it again."""
    with app.app_context():
        turn = worker.Turn("past", lambda: False, app.extensions)
        for job in JOBS[kind]:
            while job(turn):
                pass
