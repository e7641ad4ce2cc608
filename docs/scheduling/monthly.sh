#!/bin/sh
# One run of the archive a month, begun on the 5th at 03:00 UTC, and gone on with until it is over.
# Call it every hour, from cron or a timer: most of the time there is nothing to do, and it says so
# by ending at once. It ends with harvester's own exit code.
#
#   HARVESTER  the command; default: .venv/bin/harvester beside this file
#   LOG        a file for all that the run says; default: where this says it (the journal)
set -u
cd "$(dirname "$0")" || exit 4
harvester=${HARVESTER:-.venv/bin/harvester}
job=${1:-monthly-archive.yaml}
mkdir -p state || exit 4
# What a human must read goes to where this was called from: cron mails it.
exec 3>&2
if [ -n "${LOG:-}" ]; then exec >>"$LOG" 2>&1; fi

# Somebody was called, and has not come yet.
[ ! -e state/stopped ] || exit 0

wake() {
  echo "monthly.sh: $1; see ${LOG:-the journal}, or: $harvester status $job" >&3
}

while :; do
  # The month whose 5th, 03:00 UTC, is the last one behind us. (Needs GNU date.)
  due=$(date -u -d '-4 days -3 hours' +%Y-%m) || exit 4
  # A run that took longer than a month is finished before the next one begins.
  month=$due
  if [ -s state/unfinished ]; then month=$(cat state/unfinished); fi
  if [ -e "state/done-$month" ]; then exit 0; fi
  echo "$month" >state/unfinished

  "$harvester" run "$job"
  code=$?
  if [ $code -eq 1 ]; then
    # Some requests failed: they are asked once more, now that the others are done.
    "$harvester" failures "$job" --retry
    "$harvester" run "$job"
    code=$?
  fi

  case $code in
    0 | 1)
      touch "state/done-$month"
      rm -f state/unfinished state/refused
      if [ $code -eq 1 ]; then
        wake "the run of $month is over, but something failed: $harvester failures $job"
        exit 1
      fi
      ;;
    3)
      # Down, or asked for a long pause: the next hour goes on. A day of it is too long.
      echo refused >>state/refused
      if [ "$(wc -l <state/refused)" -ge 24 ]; then
        rm -f state/refused
        wake "Figshare has not let us go on for 24 hours"
        exit 1
      fi
      exit 3
      ;;
    5 | 129 | 130 | 143) exit $code ;; # paused, or the machine went down: the next hour goes on
    *)
      # 2: spec, command or credentials; 4: disk, lock or damage. Trying again mends neither.
      echo "$code" >state/stopped
      wake "it ended with $code and is not tried again: mend it, then rm $PWD/state/stopped"
      exit $code
      ;;
  esac
done
