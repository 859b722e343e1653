#!/bin/sh
# Print the other interpreters of 3.11 to 3.13 that this machine has, one path each. Absent: not printed.
own=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
for version in 3.11 3.12 3.13; do
  [ "$version" = "$own" ] && continue
  found=$(command -v "python$version" 2>/dev/null)
  # A shim of pyenv answers only for versions that are switched on; the real one lies beside it.
  if [ -z "$found" ] || ! "$found" -V >/dev/null 2>&1; then
    root=$(pyenv root 2>/dev/null)
    found=$(ls -d "$root"/versions/"$version".*/bin/"python$version" 2>/dev/null | head -n 1)
  fi
  [ -n "$found" ] && echo "$found"
done
exit 0
