#!/bin/sh
# Run the tests below the panel on one more interpreter, in an environment of its own.
set -e
python=$(tests/environment.sh "$1")
name=$(basename "$(dirname "$(dirname "$python")")")
echo "== $name"
# Of the tests with kernels, which are slow, those that lose one; `make matrix` takes them all.
if [ "$2" = all ]; then kernels=; else kernels="--ignore tests/kernel"; fi
PYTHONPATH=. "$python" -m pytest tests $kernels --ignore tests/browser \
  --ignore tests/server --ignore tests/bench --ignore tests/notebooks -q
[ "$2" = all ] || PYTHONPATH=. "$python" -m pytest tests/kernel/test_resume.py -q
