"""Turns verdicts into the outputs of a test cell, which learners read in their feedback."""

from collections.abc import Sequence
from typing import Final

from jinja2 import Environment
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.common.terminal import printable
from grader.nbgrader.scores import TaskResult

PAGE: Final = """\
<div style="line-height: 1.4">
{%- if problem %}<p><strong>{{ problem }}</strong></p>{% endif %}
{%- for note in notes %}<p>{{ note }}</p>{% endfor %}
<p><strong>Task {{ result.number }}, <code>{{ result.task }}</code>: \
{{ "%g" | format(result.score) }} of {{ "%g" | format(result.max_score) }} points</strong></p>
<ul style="list-style: none; padding-left: 0.5em">
{%- for verdict, score in result.checks %}
<li>{{ "✓" if verdict.status == "passed" else "✗" }} {{ verdict.title }}
{%- if verdict.status != "passed" %} <em>({{ verdict.status.value | replace("_", " ") }})</em>\
{% endif %}
{%- if verdict.message %}<pre style="margin-left: 1.5em">{{ verdict.message }}</pre>{% endif %}</li>
{%- endfor %}
</ul></div>"""


def outputs(result: TaskResult, problem: str, notes: Sequence[str]) -> list[NotebookNode]:
    """The outputs of a task's test cell.

    nbgrader reads the points from the plain text of the first output. For a pending task the output
    is an error, so that nobody mistakes it for points.

    Args:
        result: the task's result.
        problem: why the submission could not be graded at all.
        notes: what the learner should know about how the submission was read.
    """
    if result.score is None:
        reason = problem or "; ".join(v.message for v, s in result.checks if s.score is None)
        line = printable(f"Task {result.number} is not graded yet: {reason}")
        return [new_output("error", ename="NotGradedYet", evalue=line, traceback=[line])]
    environment = Environment(autoescape=True)
    page = environment.from_string(PAGE).render(result=result, problem=problem, notes=notes)
    data = {"text/plain": str(result.score), "text/html": printable(page)}
    return [new_output("execute_result", data=data, execution_count=None)]
