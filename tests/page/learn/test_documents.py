"""The lesson plan and the notebook as pages of the page's server."""

from digits.page.learn import documents
from digits.page.learn.quests import QUESTS


def test_the_lesson_plan_holds_the_quests_and_needs_no_other_file():
    plan = documents.lesson_plan()
    for quest in QUESTS:
        assert quest.title in plan
    assert "src=" not in plan
    assert "href=" not in plan
    assert "@media print" in plan
