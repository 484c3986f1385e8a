# The commands of this project. `make help` lists them.

.DEFAULT_GOAL := build
.PHONY: help setup browser real run build test test-real lint bench bench-real install uninstall

# Where `install` puts things; DESTDIR before all of it, for packagers.
PREFIX = /usr/local
DESTDIR =
BINARY = $(or $(CARGO_TARGET_DIR),target)/release/click2sync

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## Install what is missing to build
	@scripts/setup

browser: ## Install what is missing to build and to pass every test
	@scripts/setup browser

real: ## Install what is missing to run a real shop system in tests
	@scripts/setup real

run: setup ## Build and start the daemon with ./config and ./data
	@echo "The console will be at http://127.0.0.1:7325. A first build takes several minutes."
	cargo run --release --locked

build: setup ## Build the release binary, target/release/click2sync
	cargo build --release --locked

test: browser ## Build everything and pass every test, in a real browser too
	cargo test --workspace --exclude web --locked

test-real: setup real ## Pass the tests against a real Vendure server, which npm installs into the target folder
	cargo test --workspace --exclude web --test real --locked

lint: ## Check format, lints and duplicate dependencies; the console need not be built for it
	cargo fmt --all --check
	WEB=skip cargo clippy --workspace --all-targets --locked -- -D warnings
	WEB=skip cargo clippy -p daemon --test real --bench real --locked -- -D warnings
	scripts/duplicates
	@if command -v cargo-deny >/dev/null; then cargo deny --locked check; fi

bench: setup ## Measure the figures the project promises; BENCH_PRODUCTS=1000000 for large catalogues
	cargo bench --locked -p shared -p daemon

bench-real: setup real ## Measure reading a real Vendure server against the quickest plain reader
	WEB=$(or $(WEB),skip) cargo bench --locked -p daemon --bench real

install: ## Install the built program as a service of systemd (PREFIX, DESTDIR); what is configured stays
	@test -x $(BINARY) || { echo "There is no $(BINARY) yet: make build" >&2; exit 1; }
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/click2sync
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|/usr/local|$(PREFIX)|' systemd/click2sync.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/click2sync.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/click2sync.service
	install -D -m 644 systemd/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/click2sync.conf
	install -D -m 644 systemd/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/click2sync.conf
	install -d $(DESTDIR)$(PREFIX)/share/doc/click2sync/connections
	install -m 644 config/connections/*.toml $(DESTDIR)$(PREFIX)/share/doc/click2sync/connections
	install -d $(DESTDIR)/etc/click2sync/connections $(DESTDIR)/etc/credstore/click2sync
	test -e $(DESTDIR)/etc/click2sync/click2sync.toml || \
	  install -m 640 config/click2sync.toml $(DESTDIR)/etc/click2sync/click2sync.toml
	@test -n "$(DESTDIR)" || { \
	  systemd-sysusers click2sync.conf && systemd-tmpfiles --create click2sync.conf && \
	  if test -d /run/systemd/system; then systemctl daemon-reload; fi && \
	  echo "Start it now and with every boot: systemctl enable --now click2sync"; }

uninstall: ## Remove what `install` put in place; config and data stay
	@test -n "$(DESTDIR)" || test ! -d /run/systemd/system || systemctl disable --now click2sync
	rm -f $(DESTDIR)$(PREFIX)/bin/click2sync $(DESTDIR)$(PREFIX)/lib/systemd/system/click2sync.service
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/click2sync.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/click2sync.conf
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/click2sync
	@test -n "$(DESTDIR)" || test ! -d /run/systemd/system || systemctl daemon-reload
