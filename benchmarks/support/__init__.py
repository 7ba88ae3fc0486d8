"""What benchmarks and tests share: screens, browsers, made-up digits, measures and the report."""
