# What developers run; .ci/run is the same and more.

# everything that CI checks
ci:
    .ci/run

# formatting and lints
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# all tests
test:
    cargo test --workspace

# what takes long by design: kills, load, a large instance, much at random
slow:
    cargo test --test slow

# rewrite the tools' snapshots and docs/reference
bless:
    cargo xtask bless

# the documents as a site, in target/book; needs mdbook 0.5.4
book:
    mdbook build docs

# draw docs/assets/demo.svg from a real run
record:
    cargo xtask record

# tests/contract from Clerk's OpenAPI files
contract backend webhooks:
    cargo xtask contract --backend {{backend}} --webhooks {{webhooks}}

# start-up, memory and latency, as ratios
bench:
    cargo bench --bench overhead

# events kept and found, in a file that grows to a million
bench-events:
    cargo bench --bench events

# what results cost in tokens, into docs/benchmarks.md
figures:
    cargo bench --bench answers -- --write

# the packages of this platform, installed as users do
package:
    packaging/build --profile release
    packaging/check

# licences, advisories and sources of the dependencies
deny:
    cargo deny check
