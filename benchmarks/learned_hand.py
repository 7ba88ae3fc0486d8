"""`python -m benchmarks.learned_hand` is `python -m benchmarks.recognition.learned_hand`."""

from benchmarks.recognition.learned_hand import main

if __name__ == "__main__":
    raise SystemExit(main())
