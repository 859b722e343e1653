"""What is half-used, or filled, comes back as it stood: iterators, caches, views."""

from tests.snapshot.conftest import Restarted


def test_iterator_over_a_dict_still_sees_the_dict(restarted: Restarted) -> None:
    """Later assignments are seen, and a change of size is an error, as without a restart."""
    restarted(
        "table = {'a': 1, 'b': 2, 'c': 3}\nitems, keys = iter(table.values()), iter(table)\n"
        "backward = reversed(table)\nnext(items), next(keys), next(backward)",
        "table['b'] = 20\n"
        "assert next(items) == 20 and next(keys) == 'b' and next(backward) == 'b'\n"
        "table['d'] = 4\nimport pytest\nwith pytest.raises(RuntimeError, match='changed size'):\n"
        "    next(keys)",
    )


def test_iterator_over_a_dict_that_has_grown_still_fails(restarted: Restarted) -> None:
    restarted(
        "table = {'a': 1}\nkeys = iter(table)\ntable['b'] = 2",
        "assert list(table) == ['a', 'b']\nimport pytest\n"
        "with pytest.raises(RuntimeError, match='changed size'):\n    next(keys)",
    )


def test_iterator_over_a_set_keeps_its_order_and_its_watch(restarted: Restarted) -> None:
    restarted(
        "words = set('abcdefgh')\norder = list(words)\nrest = iter(words)\nnext(rest)\n"
        "other = iter(words)\nfirst = next(other)",
        "assert list(rest) == order[1:]\nwords.add('z')\nimport pytest\n"
        "with pytest.raises(RuntimeError, match='Set changed size'):\n    next(other)",
    )


def test_results_that_a_cache_kept_are_not_computed_again(restarted: Restarted) -> None:
    """The same objects come out, and the bound, order and kinds of arguments still hold."""
    restarted(
        "import functools\ncalls = []\n"
        "def compute(*a, **k):\n    calls.append((a, k))\n    return [a, k]\n"
        "endless = functools.lru_cache(maxsize=None)(compute)\n"
        "few = functools.lru_cache(maxsize=2, typed=True)(compute)\n"
        "one, two = endless(1, k='x'), endless((1, 2))\n"
        "few(0), few('old', n=1), few('new', n=1)",
        "assert endless(1, k='x') is one and endless((1, 2)) is two and len(calls) == 5\n"
        "few('old', n=1), few('new', n=1)\nassert len(calls) == 5\n"
        "few(0)\nassert len(calls) == 6\nfew('new', n=1)\nassert len(calls) == 6\n"
        "few('new', n=1.0)\nassert len(calls) == 7 and few.__wrapped__ is compute",
    )


def test_view_of_memory_shares_it_after_a_restart(restarted: Restarted) -> None:
    restarted(
        "data = bytearray(b'abcd')\nview = memoryview(data)\nwide = view.cast('H')",
        "view[0] = 120\nassert data == b'xbcd' and wide.format == 'H' and len(wide) == 2",
    )
