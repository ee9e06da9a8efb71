# What CI runs, target by target. `make` alone runs the tests.

GO ?= go
FUZZTIME ?= 10s
# Tools live outside the checkout and outside go.mod: what they depend on is many and none of ours.
TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hookproof-tools
LINT_VERSION := v2.15.0
LINT := $(TOOLS)/golangci-lint-$(LINT_VERSION)

.PHONY: test race lint lint-release tools fuzz generate e2e e2e-stacks e2e-fleet flake bench bench-core bench-world bench-traffic demo clean

test:
	$(GO) test ./...

# -short repeats less of what has no goroutines, which the race detector slows tenfold.
race:
	$(GO) test -race -short ./...

lint: tools
	$(LINT) run ./...

# GoReleaser's own check of .goreleaser.yaml. It wants a remote on a forge, which the checkout need not have.
GORELEASER_VERSION := v2.15.0
GORELEASER := $(TOOLS)/goreleaser-$(GORELEASER_VERSION)/goreleaser
lint-release:
	@test -x $(GORELEASER) || GOBIN=$(dir $(GORELEASER)) GOFLAGS= $(GO) install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && cp .goreleaser.yaml "$$dir" && cd "$$dir" && git init -q . && \
		git remote add origin https://github.com/example/hookproof.git && $(GORELEASER) check

tools: $(LINT)

# Built aside and moved into place, so that an interrupted build leaves nothing that looks complete.
$(LINT):
	mkdir -p $(TOOLS)
	GOBIN=$(TOOLS)/build GOFLAGS= $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv $(TOOLS)/build/golangci-lint $@
	rmdir $(TOOLS)/build

# Every fuzz target for FUZZTIME. go test fuzzes one at a time, and takes longer to begin than to fuzz by a count: two
# at a time use two cores.
fuzz:
	@for pkg in $$($(GO) list ./...); do \
		$(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' | sed "s|^|$$pkg |"; \
	done | xargs -P 2 -L 1 sh -c 'echo "$$0 $$1"; \
		exec $(GO) test -run "^$$" -fuzz "^$$1$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x -parallel 1 $$0'

generate:
	$(GO) generate ./...

# The built command against receivers in ten stacks, and the dashboard in a browser: needs node, npm, python3, xmllint,
# chromium, and nginx, PHP, gunicorn with Flask, and Java with Gson (.ci/run names Debian's packages).
# What measures times is run first, with the machine for itself.
E2E_TIMED := ^(TestE2EMock|TestE2EFleet|TestE2ECoreTime)$$
e2e:
	$(GO) test -tags e2e -count=1 -timeout 15m -run '$(E2E_TIMED)' ./cmd/hookproof
	$(GO) test -tags e2e -count=1 -timeout 15m -run TestE2E -skip '$(E2E_TIMED)' ./cmd/hookproof ./mockserver ./reports ./reports/load

# Right receivers in ten stacks, every check, ten times each: a table of false alarms, of which there are to be none.
STACK_RUNS ?= 10
e2e-stacks:
	$(GO) test -tags e2e -count=1 -v -timeout 60m -run '^TestE2EStacks$$' ./cmd/hookproof -stack-runs $(STACK_RUNS)

# Profile core again and again while a busy loop runs on each core: all verdicts are to be equal.
FLAKE_RUNS ?= 200
flake:
	$(GO) test -tags e2e -count=1 -v -timeout 120m -run '^TestFlake$$' ./cmd/hookproof -flake-runs $(FLAKE_RUNS)

# One minute of 9,000 events a second by three workers, of which one is killed; of it e2e makes a small one.
e2e-fleet:
	$(GO) test -tags e2e -count=1 -v -run '^TestE2EFleet$$' ./cmd/hookproof -fleet-rate 9000 -fleet-duration 60s

# The wall time of a run of profile core on loopback, which is to be at most 2 s.
bench-core:
	$(GO) test -tags e2e -count=1 -v -run 'TestE2ECoreTime' ./cmd/hookproof

# Ways of making events side by side, into fixtures/BENCHMARKS.md: needs node and npm for one of them, which is left
# out where they are not.
bench-world:
	$(GO) test -tags bench -count=1 -v -timeout 20m -run '^TestBenchWorld$$' ./fixtures -update -tools $(TOOLS)

# The mock server beside its peers, into mockserver/BENCHMARKS.md: needs Linux, taskset and wrk. A peer that cannot be
# installed is left out, and the report says so.
ROUNDS ?= 7
PRISM_VERSION := 5.14.2
bench:
	@mkdir -p $(TOOLS)/prism
	@test -x $(TOOLS)/stripe-mock || GOBIN=$(TOOLS) GOFLAGS= $(GO) install github.com/stripe/stripe-mock@latest || true
	@test -e $(TOOLS)/prism/node_modules/.bin/prism || npm install --prefix $(TOOLS)/prism --ignore-scripts --no-audit --no-fund \
		@stoplight/prism-cli@$(PRISM_VERSION) || true
	@command -v wrk >/dev/null || apt-get install -y wrk || true
	$(GO) test -tags 'e2e bench' -count=1 -v -timeout 60m -run '^TestBench$$' ./cmd/hookproof -update -tools $(TOOLS) -rounds $(ROUNDS)

# hookproof traffic beside other load tools, into docs/benchmarks.md: needs Linux. A tool that cannot be installed is
# left out, and the report says so.
TRAFFIC_ROUNDS ?= 5
bench-traffic:
	@mkdir -p $(TOOLS)
	@for module in github.com/tsenart/vegeta/v12 go.k6.io/k6 github.com/rakyll/hey github.com/codesenberg/bombardier; do \
		test -x $(TOOLS)/$$(basename $${module%/v12}) || GOBIN=$(TOOLS) GOFLAGS= $(GO) install $$module@latest || true; \
	done
	@command -v wrk >/dev/null || apt-get install -y wrk || true
	$(GO) test -tags 'e2e bench' -count=1 -v -timeout 60m -run '^TestBenchTraffic$$' ./cmd/hookproof -update -tools $(TOOLS) \
		-rounds $(TRAFFIC_ROUNDS) -round 4s

demo:
	$(GO) run ./cmd/hookproof demo

clean:
	rm -rf hookproof-report
