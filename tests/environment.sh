#!/bin/sh
# Make an environment of its own for one more interpreter, without the panel; print its python.
set -e
python=$1
venv=.venvs/$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ ! -e "$venv/.installed" ]; then
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --upgrade pip
  "$venv/bin/python" -m pip install --quiet ipython ipykernel dill xxhash pytest hypothesis numpy \
    pandas tqdm httpx rich aiohttp openai aiosqlite more-itertools cloudpickle joblib nest-asyncio pexpect \
    tenacity backoff stamina \
    nbval nbclient papermill jupyter-client "pytest-jupyter[server]"
  touch "$venv/.installed"
fi
echo "$venv/bin/python"
