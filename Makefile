# What CI runs, target by target. `make` alone runs the tests.

GO ?= go
FUZZTIME ?= 10s
# Tools live outside the checkout and outside go.mod: what they depend on is many and none of ours.
TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hookproof-tools
LINT_VERSION := v2.15.0
LINT := $(TOOLS)/golangci-lint-$(LINT_VERSION)

.PHONY: test race lint tools fuzz generate e2e bench-core demo clean

test:
	$(GO) test ./...

race:
	$(GO) test -race ./...

lint: tools
	$(LINT) run ./...

tools: $(LINT)

# Built aside and moved into place, so that an interrupted build leaves nothing that looks complete.
$(LINT):
	mkdir -p $(TOOLS)
	GOBIN=$(TOOLS)/build GOFLAGS= $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv $(TOOLS)/build/golangci-lint $@
	rmdir $(TOOLS)/build

# Every fuzz target for FUZZTIME, one after the other: go test fuzzes one at a time.
fuzz:
	@set -e; for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x $$pkg; \
		done; \
	done

generate:
	$(GO) generate ./...

# The built command against receivers in Node, Python and Go, and the dashboard in a browser: needs node, python3,
# xmllint and chromium.
e2e:
	$(GO) test -tags e2e -count=1 -timeout 15m -run 'TestE2E' ./cmd/hookproof ./mockserver

# The wall time of a run of profile core on loopback, which is to be at most 2 s.
bench-core:
	$(GO) test -tags e2e -count=1 -v -run 'TestE2ECoreTime' ./cmd/hookproof

demo:
	$(GO) run ./cmd/hookproof demo

clean:
	rm -rf hookproof-report
