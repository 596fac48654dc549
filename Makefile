# Needs GNU make 3.81 or newer, as macOS has it, and /bin/sh.

GO       = go
TAGS     = duckdb_arrow# the Arrow interface of DuckDB
UNRACED  = ^TestParis$$# the whole city from the published files: ten times as long with the race detector
FUZZTIME = 20s
BENCH    = .
NEW      = $(lastword $(sort $(wildcard benchmarks/raw/*.txt)))

LINT_VERSION = 2.15.0
LINTER       = bin/golangci-lint-$(LINT_VERSION)

GO_NEEDED   = $(shell sed -n 's/^go //p' go.mod)
NODE_NEEDED = $(shell sed -n 's/.*"node": *">=\([0-9.]*\).*/\1/p' api/web/package.json)

# The page is built again when one of its files is newer, or a folder has lost one.
MODULES = api/web/node_modules/.package-lock.json
PAGE    = api/web/dist/index.html
# The ClickHouse engine that the nodes of make test-cluster are.
NODES = engine/clickhouse/testbed/node_modules/.package-lock.json

SOURCES = $(shell find $(filter-out %/node_modules %/dist %/test %.go,$(wildcard api/web/*)))

.DEFAULT_GOAL := help
.PHONY: help demo test test-cluster test-web build web lint fmt golden golden-web fuzz bench bench-compare bench-peers clean need-go need-cc need-node

help: ## print these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## build all, make a seeded city and serve its map on http://localhost:8080
	@bin/arpent demo

test: need-go need-cc $(PAGE) ## vet, then every test: Go with the race detector, and the page's
	$(GO) vet -tags $(TAGS) ./...
	$(GO) test -tags $(TAGS) -race -timeout 20m -skip '$(UNRACED)' ./...
	$(GO) test -tags $(TAGS) -v -run '$(UNRACED)' ./cmd/arpent
	cd benchmarks/peers && $(GO) vet -tags $(TAGS) ./... && $(GO) test -tags $(TAGS) -race ./...
	cd api/web && npm run test --if-present

test-cluster: need-go need-cc $(NODES) ## test the field log on three ClickHouse nodes, which it starts: Linux x86-64, npm, gcc, iproute2; 600 MB on the disk
	$(GO) vet -tags '$(TAGS) cluster' ./engine/clickhouse/... ./cmd/arpent
	$(GO) test -tags '$(TAGS) cluster' -race -v -p 1 -timeout 30m ./engine/clickhouse/... -rapid.checks=30
	$(GO) test -tags '$(TAGS) cluster' -race -v -p 1 -timeout 15m -run 'OnCluster$$' ./cmd/arpent

test-web: build ## test the page in a browser, on the demo: needs Chromium
	cd api/web && npm run test:browser

build: need-go need-cc $(PAGE) ## build the page and bin/arpent
	$(GO) build -tags $(TAGS) -o bin/arpent ./cmd/arpent

web: $(PAGE) ## build the page where its files have changed

lint: need-go need-cc $(LINTER) ## run golangci-lint on all Go code
	$(LINTER) run
	cd benchmarks/peers && $(CURDIR)/$(LINTER) run

fmt: need-go ## format all Go code
	$(GO) fmt ./...

golden: need-go need-cc $(PAGE) ## rewrite the golden files: read the difference before you commit it
	ARPENT_UPDATE=1 $(GO) test -tags $(TAGS) -count=1 -run 'TestScripts|TestDescriptionOfTheAPI' ./cmd/arpent ./api

golden-web: build ## rewrite the golden pictures that the page differs from: look at them before you commit them
	cd api/web && ARPENT_UPDATE=1 npm run test:browser

fuzz: need-go need-cc ## run each fuzz target for FUZZTIME (20s)
	@for file in `grep -rlE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' .`; do \
		for target in `sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$file`; do \
			echo "$$target in $$file"; \
			$(GO) test -tags $(TAGS) -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "`dirname $$file`" || exit 1; \
		done; \
	done

bench: need-go need-cc ## run the benchmarks of RESULTS.md whose command or heading matches BENCH (all) and write their figures there
	$(GO) run -tags $(TAGS) ./benchmarks/results -match '$(BENCH)'

bench-compare: need-go ## compare what two runs of make bench printed: OLD=FILE, NEW=FILE (the last), in benchmarks/raw
	@test -n "$(OLD)" || { echo "make bench-compare OLD=FILE needs the output of an earlier make bench, one of benchmarks/raw" >&2; exit 1; }
	$(GO) tool benchstat $(OLD) $(NEW)

bench-peers: build ## measure tiles beside PostGIS and nginx, which it installs where it may; Debian 12, 5 minutes
	sh benchmarks/peers/install.sh
	cd benchmarks/peers && $(GO) build -tags $(TAGS) -o ../../bin/peers .
	bin/peers -arpent bin/arpent

clean: ## remove what was built
	rm -rf bin engine/clickhouse/testbed/node_modules api/web/node_modules api/web/dist/*

$(MODULES): api/web/package.json api/web/package-lock.json | need-node
	cd api/web && npm ci --no-audit --no-fund
	@touch $@

$(NODES): engine/clickhouse/testbed/package.json engine/clickhouse/testbed/package-lock.json | need-node
	cd engine/clickhouse/testbed && npm ci --no-audit --no-fund
	@touch $@

$(PAGE): $(MODULES) $(SOURCES) | need-node
	cd api/web && npm run build
	@touch $@

$(LINTER): | need-go
	GOBIN="$(CURDIR)/bin" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINT_VERSION)
	mv bin/golangci-lint $@

# What must be on the machine, each asked for in one sentence.

# $(call older,HAVE,WANT) succeeds when version HAVE is empty or before WANT, by its first two numbers.
older = awk -v have="$(1)" -v want="$(2)" 'BEGIN { split(have, h, "."); split(want, w, "."); exit !(h[1]+0 < w[1]+0 || (h[1]+0 == w[1]+0 && h[2]+0 < w[2]+0)) }'

need-go:
	@have=`$(GO) env GOVERSION 2>/dev/null | sed 's/^.*go//'`; \
	if $(call older,$$have,$(GO_NEEDED)); then \
		echo "Arpent needs Go $(GO_NEEDED) or newer and found $${have:-none}: install it from https://go.dev/dl/" >&2; exit 1; \
	fi

need-node:
	@have=`node --version 2>/dev/null | sed 's/^v//'`; \
	if $(call older,$$have,$(NODE_NEEDED)); then \
		echo "Arpent's page needs Node.js $(NODE_NEEDED) or newer and found $${have:-none}: install it from https://nodejs.org/" >&2; exit 1; \
	fi
	@npm --version >/dev/null 2>&1 || { echo "Arpent's page needs npm, which is missing: install it with Node.js from https://nodejs.org/ (Debian: apt-get install npm)" >&2; exit 1; }

# DuckDB is linked with the C++ standard library, so the check links too.
need-cc:
	@mkdir -p bin
	@cc=`$(GO) env CC`; cxx=stdc++; [ "`uname`" != Darwin ] || cxx=c++; \
	if ! echo 'int main(void) { return 0; }' | $$cc -x c - -l$$cxx -o bin/need-cc 2>/dev/null; then \
		echo "Arpent needs a C compiler with the C++ library, and $$cc -l$$cxx does not work: install them (Debian: apt-get install g++; macOS: xcode-select --install)" >&2; exit 1; \
	fi
	@rm -f bin/need-cc
