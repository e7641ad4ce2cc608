# ruff: noqa: E501 - rows of Markdown tables do not wrap
"""What docs/job-spec.md says beside the tables of keys."""

from __future__ import annotations

INTRODUCTION = """\
# The job spec

<!-- Written by `python -m docs.generate.spec_reference > docs/job-spec.md`; edit the model instead. -->

A job is one YAML file. `harvester init` writes one to start from, `harvester check JOB` names every mistake in
it, `harvester schema` prints its JSON Schema. An editor with YAML support completes keys and explains them
when the first line is `# yaml-language-server: $schema=job.schema.json`, with that schema in a file beside it
(`configs/` is set up like this).

```yaml
{example}```
"""

EXAMPLE = """\
name: lboro-archive
source:
  institution: lboro
  credentials: {env: FIGSHARE_STATS}
entities:
  article: {ids: [766364, 2000000]}
  group: {ids: [10, 17]}
dimensions:
  - endpoint: total
    counters: [views, downloads, shares]
  - endpoint: timeline
    entities: [article]
    counters: [views, downloads]
    granularities: [day, month, year]
    period: {start: 2015-01-01, end: yesterday}
  - endpoint: breakdown
    entities: [group]
    counters: [views]
    granularities: [month]
    period: {start: beginning, end: last-month}
    filter: {sub_item: item_type, sub_item_ids: [dataset, thesis]}
  - endpoint: top
    entities: [article]
    counters: [views]
    count: 100
  - endpoint: top
    entities: [group]
    counters: [views]
    sub_item: referral
    period: {start: 2026-01-01, end: last-month}
    count: 50
  - endpoint: count
limits:
  requests_per_second: 1
  contact: repository@example.org
"""

ENDPOINTS = """\
## What each endpoint needs and takes

`count` asks for the groups of `entities`. `top` takes `period` with `sub_item` only, and needs it then. Where
`entities` is left out, every kind of the spec's `entities` is asked for.
"""

PERIODS = """\
## Periods

Days are UTC and both ends count. A day is counted when it is over, so no period ends after yesterday. The words
are resolved against the run's date (`--today` sets it):

| word | stands for |
|---|---|
| `beginning` | 2011-01-01; an earlier day may be written, too |
| `yesterday` | the day before the run's date |
| `last-month` | the last day of the last month that is over |
| `last-year` | the last day of the last year that is over |

The same series in two dimensions is asked once: periods that overlap or follow on each other become one. Periods that stay
apart must not both have a part of one month (granularity `month`) or year (`year`, and `total` of a breakdown). A timeline
of granularity `total` is one row, so a job takes one period for it. A ranking is another one in each period; two that
begin on the same day need two jobs. Of two lengths (`count`) of one ranking, the longer is asked.
"""

TRAPS = """\
## Traps

| you write | it is | write |
|---|---|---|
| `institution: NO` | false: `yes`, `no`, `on`, `off`, `true`, `false` are no words | `institution: 'no'` |
| `name: 1.10` | the number 1.1 | `name: '1.10'` |
| `ids: ['766364']` | a text | `ids: [766364]` |
| `ids: [0123]` | octal to some programs: refused | `ids: [123]` |
| `ids: [766364.0]`, `ids: [1e6]` | decimal numbers: refused | `ids: [766364]`, `ids: [1000000]` |
| `ids: [1_000]`, `ids: [0x1F]` | not the same in every YAML: refused | `ids: [1000]`, `ids: [31]` |
| `start: 2015-1-1`, `start: 2015` | no day | `start: 2015-01-01` |
| `contact: @me` | a syntax error: `@`, `` ` ``, `%`, `*`, `&`, `!` begin no plain text | `contact: '@me'` |
| `period:` with nothing below it | no value | give it one, or leave the key out |
| a tab before a key | a syntax error | spaces |
| `!tag` | YAML that a spec does not take | write the value out |
| the same key twice | a mistake, with both lines named | once |
| `credentials: user:password` | a secret in a file that is shared | `credentials: {env: FIGSHARE_STATS}` |

The file is UTF-8 (a byte order mark does no harm), at most 16 MB, with one YAML document of at most 32 levels.
Anchors, aliases and merge keys are YAML 1.1's, and bring at most 100,000 values; a mistake is told where the value
stands:

```yaml
dimensions:
  - &monthly
    endpoint: timeline
    counters: [views]
    granularities: [month]
    period: {start: beginning, end: last-month}
  - {<<: *monthly, counters: [downloads], entities: [article]}
```
"""

MISTAKES = """\
## Mistakes

All are told at once, one a line: file, line and column (from 1), the path of the key, a sentence. The place is that of the
value, or of the key where the key is wrong. On 2026-11-23 this spec

```yaml
{example}```

is answered with

```
{lines}
```
"""

WRONG_EXAMPLE = """\
name: Lboro Archive
source:
  institution: lboro
  credentials: me:secret
entities:
  article: {ids: [766364, '2000000', 0123]}
dimensions:
  - endpoint: total
    counters: [views, hugs]
    period: {start: beginning, end: yesterday}
  - endpoint: timeline
    entities: [group]
    counters: [view]
    granularity: [month]
    period: {start: 2026-12-01, end: last-month}
  - endpoint: top
    counters: [views]
    sub_item: referral
  - endpoint: count
limits:
  requests_per_second: unlimited
"""
