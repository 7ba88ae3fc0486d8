"""`python -m benchmarks.accuracy` is `python -m benchmarks.recognition.accuracy`."""

from benchmarks.recognition.accuracy import main

if __name__ == "__main__":
    raise SystemExit(main())
