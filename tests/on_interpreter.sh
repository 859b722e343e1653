#!/bin/sh
# Run the tests below the panel on one more interpreter, in an environment of its own.
set -e
python=$1
name=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
venv=.venvs/$name
if [ ! -e "$venv/.installed" ]; then
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --upgrade pip
  "$venv/bin/python" -m pip install --quiet ipython ipykernel dill xxhash pytest hypothesis numpy \
    pandas tqdm httpx cloudpickle nest-asyncio pexpect nbval nbclient papermill jupyter-client "pytest-jupyter[server]"
  touch "$venv/.installed"
fi
echo "== $name"
# Of the tests with kernels, which are slow, those that lose one; `make matrix` takes them all.
if [ "$2" = all ]; then kernels=; else kernels="--ignore tests/kernel"; fi
PYTHONPATH=. "$venv/bin/python" -m pytest tests $kernels --ignore tests/browser \
  --ignore tests/server --ignore tests/bench --ignore tests/notebooks -q
[ "$2" = all ] || PYTHONPATH=. "$venv/bin/python" -m pytest tests/kernel/test_resume.py -q
