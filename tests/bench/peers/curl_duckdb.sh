#!/bin/sh
# Daily views of articles to Parquet: curl fetches side by side, DuckDB reads the files.
set -e
url=$1 articles=$2 folder=$3
curl --silent --fail --parallel --parallel-max 50 --create-dirs --output "$folder/raw/#1.json" \
  "$url/timeline/day/views/article/[1-$articles]?start_date=2024-01-01&end_date=2024-12-31"
python -c "import duckdb; duckdb.sql(\"\"\"
  copy (select article, unnest(map_keys(timeline)) as day, unnest(map_values(timeline)) as views
        from (select regexp_extract(filename, '([0-9]+).json', 1)::bigint as article, timeline
              from read_json('$folder/raw/*.json', filename = true,
                             columns = {timeline: 'map(varchar, bigint)'})))
  to '$folder/views.parquet' (compression zstd)\"\"\")"
