# The commands of this project. `make help` lists them.

.DEFAULT_GOAL := build
.PHONY: help setup browser run build test lint bench

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## Install what is missing to build
	@scripts/setup

browser: ## Install what is missing to build and to test in a browser
	@scripts/setup browser

run: setup ## Build and start the daemon with ./config and ./data
	@echo "The console will be at http://127.0.0.1:7325. A first build takes several minutes."
	cargo run --release --locked

build: setup ## Build the release binary, target/release/click2sync
	cargo build --release --locked

test: browser ## Build everything and pass every test, in a real browser too
	cargo test --workspace --exclude web --locked

lint: ## Check format, lints and duplicate dependencies; the console need not be built for it
	cargo fmt --all --check
	WEB=skip cargo clippy --workspace --all-targets --locked -- -D warnings
	scripts/duplicates
	@if command -v cargo-deny >/dev/null; then cargo deny --locked check; fi

bench: setup ## Measure the figures the project promises
	cargo bench --locked -p shared -p daemon
