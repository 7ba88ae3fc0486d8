"""The tests of a cluster need Ray, an extra that neither README nor `.ci/run` installs: `.github/workflows/cluster.yml`
runs them."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("ray") else ["test_cluster.py"]
