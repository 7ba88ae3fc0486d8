"""The documents of the tab Learn, as pages of their own: the lesson plan, made to be printed, and the notebook."""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from digits.system.design_tokens import css_variables
from digits.system.paths import ASSETS

PATH = "learn"
LESSON_PLAN = "lesson-plan.html"
NOTEBOOK = "notebook.html"
TEMPLATE = Path(__file__).with_name("lesson_plan.html.jinja")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}
_served: list[str] = []  # the paths that this server answers: none where Streamlit runs the page as a mere script


def mount() -> Mount:
    """Return the documents for the page's server."""
    _served.append(PATH)
    pages = ((LESSON_PLAN, lesson_plan), (NOTEBOOK, notebook))
    return Mount(f"/{PATH}", routes=[Route(f"/{name}", _answer(make)) for name, make in pages])


def is_served() -> bool:
    """Tell whether the documents can be linked to."""
    return bool(_served)


@cache
def lesson_plan() -> str:
    """Return the lesson plan with a worksheet, a page of HTML that needs no other file."""
    from jinja2 import Environment, FileSystemLoader  # late: the server is ready before it

    from digits.page.learn.quests import QUESTS

    environment = Environment(loader=FileSystemLoader(TEMPLATE.parent), autoescape=True)
    template = environment.get_template(TEMPLATE.name)
    return template.render(quests=QUESTS, colours=css_variables())


def notebook() -> str:
    """Return the notebook with its outputs, as `notebooks/build.py` rendered it."""
    return (ASSETS / NOTEBOOK).read_text("utf-8")


def _answer(make):
    def answer(request: Request) -> Response:
        return Response(make(), media_type="text/html", headers=HEADERS)

    return answer
