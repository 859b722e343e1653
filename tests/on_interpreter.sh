#!/bin/sh
# Run the tests below the panel on one more interpreter, in an environment of its own.
set -e
python=$(tests/environment.sh "$1")
name=$(basename "$(dirname "$(dirname "$python")")")
echo "== $name"
export PYTHONPATH=.
if [ "$2" = all ]; then
  "$python" -m pytest tests --ignore tests/browser --ignore tests/server --ignore tests/bench \
    --ignore tests/notebooks -q
else
  # What depends on the version: twins, frames, what is stored; and one program of each kind killed.
  # `make matrix` takes all.
  execution=tests/execution/test_
  "$python" -m pytest tests/continuation tests/snapshot tests/source tests/checkpoints -q
  "$python" -m pytest ${execution}regions.py ${execution}libraries.py ${execution}going_on.py \
    ${execution}killed.py ${execution}errors.py ${execution}context.py ${execution}editing.py ${execution}tasks_killed.py \
    tests/kernel/test_resume.py -q
fi
