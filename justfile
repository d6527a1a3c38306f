# What developers run; .ci/run is the same and more.

# everything that CI checks
ci:
    .ci/run

# formatting and lints
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# all tests
test:
    cargo test

# rewrite the tools' snapshots and the README's tool table
bless:
    BLESS=1 cargo test --test it -- snapshot readme

# start-up, memory and latency, as ratios
bench:
    cargo bench --bench overhead

# events kept and found, in a file that grows to a million
bench-events:
    cargo bench --bench events

# what answers cost in tokens, into the README
figures:
    cargo bench --bench answers -- --write

# licences, advisories and sources of the dependencies
deny:
    cargo deny check
