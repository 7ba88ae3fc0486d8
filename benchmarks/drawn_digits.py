"""`python -m benchmarks.drawn_digits` is `python -m benchmarks.recognition.drawn_digits`."""

from benchmarks.recognition.drawn_digits import main

if __name__ == "__main__":
    raise SystemExit(main())
