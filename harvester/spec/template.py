"""The spec that `harvester init` writes: it explains itself, and passes `check` as it is."""

from __future__ import annotations

STARTER = """\
# A job for the Figshare statistics harvester. Lines that begin with '#' are comments.
#   harvester check job.yaml    finds every mistake, sends nothing
#   harvester plan job.yaml     says how many requests and how long, sends nothing
#   harvester run job.yaml      harvests; interrupted, run it again and it goes on
#   harvester report job.yaml   makes a page to look at: numbers, charts, a map, what is missing
# An editor that knows YAML completes and explains the keys with the schema that
# `harvester schema` prints.

name: my-statistics          # the output goes to output/my-statistics/

# Without `source`, Figshare's public scope is read, which needs no credentials.
# For your institution's own scope (groups, breakdowns by country, rankings):
#
# source:
#   institution: lboro                     # your portal's short name
#   credentials: {env: FIGSHARE_STATS}     # a variable that holds username:password;
#                                          # or {file: stats-credentials.txt}
#
# To try things out without asking Figshare anything:
#
# source: {simulator: {seed: 7, articles: 300}}

entities:                    # kind: article, author, collection, group, project
  article:
    ids: [766364, 1434614]   # the number at the end of an item's web address
    # file: {path: batch-export.csv, column: item_id}    # or xlsx, tsv, txt, parquet; relative to
    #                                                    # this spec; ids, DOIs or web addresses
  # group:
  #   ids: [10, 17]

dimensions:                  # what is asked; each entry stands for itself
  - endpoint: total          # all-time counts, as of the day of the run
    counters: [views, downloads, shares]

  - endpoint: timeline       # counts by day, month or year
    counters: [views, downloads]
    granularities: [month]
    period: {start: beginning, end: yesterday}    # or days: {start: 2015-01-01, end: 2024-12-31}

  # By country and city; needs an institution and its credentials:
  # - endpoint: breakdown
  #   entities: [group]
  #   counters: [views]
  #   granularities: [month]
  #   period: {start: 2024-01-01, end: last-month}
  #
  # The hundred most viewed articles; needs no ids:
  # - endpoint: top
  #   entities: [article]
  #   counters: [views]
  #   count: 100
  #
  # Articles in each group of `entities`:
  # - endpoint: count

limits:
  requests_per_second: 1     # what Figshare asks for
  # contact: repository@example.org    # tells Figshare whom to write to
"""
