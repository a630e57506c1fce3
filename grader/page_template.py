"""The page of `grader progress --html`, a template for Jinja2."""

from typing import Final

TEMPLATE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}: progress</title>
<style>
:root { color-scheme: light dark;
  --paper: #ffffff; --card: #f6f7f9; --ink: #1c2330; --soft: #5b6575; --line: #d9dee6;
  --good: #1a7f4b; --half: #9a6700; --bad: #b3261e; --accent: #2457c5; --picture: #ffffff; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #12161d; --card: #1b212b; --ink: #e6e9ef; --soft: #9aa5b5; --line: #303846;
  --good: #58c68b; --half: #e0b050; --bad: #f28b82; --accent: #8ab0ff; --picture: #ffffff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 56rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 0; }
p { margin: .25rem 0; }
code, pre { font-family: ui-monospace, Consolas, monospace; font-size: .9em; }
pre { margin: .4rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--soft); }
a { color: var(--accent); }
.soft { color: var(--soft); }
.next { margin: 1.25rem 0; padding: .9rem 1.1rem; border-left: 4px solid var(--accent);
  background: var(--card); border-radius: 4px; }
section { margin-top: 1rem; padding: 1rem 1.1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; }
.head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
.head h2 { flex: 1 1 16rem; }
.state { font-weight: 600; color: var(--soft); }
.passed { color: var(--good); } .begun, .changed, .open { color: var(--half); }
.stopped, .missing { color: var(--bad); }
.bar { height: .5rem; margin: .6rem 0 .3rem; border-radius: .25rem; background: var(--line);
  overflow: hidden; }
.bar div { height: 100%; background: var(--good); }
table { width: 100%; border-collapse: collapse; margin-top: .4rem; table-layout: fixed; }
td:first-child { width: 45%; overflow-wrap: anywhere; }
td { padding: .2rem .5rem .2rem 0; border-top: 1px solid var(--line); vertical-align: top; }
td.points, td.hints { text-align: right; white-space: nowrap; }
td.points { padding-right: 0; }
tr:first-child td { border-top: 0; }
details { margin-top: .6rem; }
summary { cursor: pointer; }
details p { margin-top: .6rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
  gap: .75rem; margin-top: .9rem; }
figure { margin: 0; max-width: 36rem; }
figure img { display: block; width: 100%; height: auto; background: var(--picture);
  border: 1px solid var(--line); border-radius: 6px; }
figcaption { color: var(--soft); font-size: .9rem; margin-top: .2rem; }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p>{{ tally }}</p>
<p class="soft">Written {{ written }} by <code>grader progress --html</code>, from the results of
the visible checks.</p>
<div class="next">
{% if step %}
<p><strong>Next:</strong> {{ step.text }}</p>
<p>edit <a href="{{ step.file.as_uri() }}">{{ file | printable }}</a>, then run
<code>{{ step.command }}</code></p>
{% else %}
<p><strong>Every visible check passes.</strong> Grading runs further, hidden checks.</p>
{% endif %}
</div>
{% for exercise in exercises %}
<section id="exercise-{{ exercise.number }}">
<div class="head">
<h2>{{ exercise.number }} {{ exercise.title }}</h2>
<span class="state {{ exercise.state }}">{{ exercise.state }}</span>
<span>{{ "%.4g" | format(exercise.earned) }} of {{ exercise.points }} points</span>
</div>
<div class="bar" aria-hidden="true">
<div style="width: {{ "%.1f" | format(100 * exercise.earned / exercise.points) }}%"></div></div>
{% if exercise.problem %}
<p class="stopped">{{ exercise.problem }}</p>
{% endif %}
<table>
{% for task in exercise.tasks %}
<tr>
<td>{{ task.number }} <code>{{ task.name }}</code></td>
<td>{{ task.state }}</td>
<td class="hints soft">{% if task.hints %}{{ task.hints }} hint{{ "s" if task.hints > 1 }} read{%
 endif %}</td>
<td class="points">{{ "%.4g" | format(task.earned) }} of {{ task.points }}</td>
</tr>
{% endfor %}
</table>
{% if exercise.failures %}
<details>
<summary>{{ exercise.failures | length }} check{{ "s" if exercise.failures | length > 1 }}
failed in <code>{{ exercise.file }}</code></summary>
{% for verdict in exercise.failures %}
<p>{{ verdict.title }}</p>
<pre>{{ verdict.message | printable }}</pre>
{% endfor %}
</details>
{% endif %}
{% if exercise.figures %}
<div class="figures">
{% for figure in exercise.figures %}
<figure><img src="{{ figure.uri }}" alt="{{ figure.caption | printable }}">
<figcaption>{{ figure.caption | printable }}</figcaption></figure>
{% endfor %}
</div>
{% endif %}
</section>
{% endfor %}
</body>
</html>
"""
