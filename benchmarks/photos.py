"""`python -m benchmarks.photos` is `python -m benchmarks.images.photos`."""

from benchmarks.images.photos import main

if __name__ == "__main__":
    raise SystemExit(main())
