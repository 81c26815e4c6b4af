# The commands of this project. `make help` lists them.

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT   ?= $(shell git rev-parse HEAD 2>/dev/null)
DATE     ?= $(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null)
CLI      := verifik-contract/internal/cli
LDFLAGS  := -s -w -X $(CLI).version=$(VERSION) -X $(CLI).commit=$(COMMIT) -X $(CLI).date=$(DATE)
ARGS     ?=
ARCH     ?= amd64, arm64
IMAGE    ?= verifik-contract:$(VERSION)
BUILD     = CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'

.DEFAULT_GOAL := help
.PHONY: help run build test quick race lint bench prove assets dist image outdated clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## run the whole contract against the embedded reference provider (ARGS="--rule PV-02")
	@./verifik-contract run $(ARGS)

build: ## build the one static binary ./verifik-contract
	@$(BUILD) -o verifik-contract .

# A test process lives for seconds: collecting garbage this rarely saves a quarter of its time. Without cgo, as in the shipped
# binary, forty test processes link a sixth faster. go vet's checks are left to lint.
test quick: export GOGC = 400
test quick: export CGO_ENABLED = 0

# The packages that take longest start first, so that none runs alone at the end.
LONGEST := $(addprefix ./,internal/cli deploy internal/prove internal/runner . internal/report/html internal/transport steps internal/explore internal/export internal/reference)

# Packages spend much time waiting (for a browser, read-backs, timeouts), so two cores run three of them at once, and of each
# eight tests. A package has one core to itself: spreading what it does side by side over both takes a tenth of the time.
TEST = $(GO) test $$([ "$$(getconf _NPROCESSORS_ONLN)" -gt 2 ] || echo -p 3 -parallel 8 -cpu 1) -vet=off

test: ## run the tests
	$(TEST) -shuffle=on $(LONGEST) ./...

# Not shuffled, so that go takes the results of packages that did not change from its cache.
quick: ## run the tests without whole processes, prove, chaos, the browser, large inputs and many repetitions
	$(TEST) -short $(LONGEST) ./...

race: ## run the tests under the race detector
	CGO_ENABLED=1 $(GO) test -race -shuffle=on ./...

lint: ## run golangci-lint, including go vet's checks (its module is tools/, apart from the product's)
	$(GO) tool -modfile=tools/go.mod golangci-lint run

bench: ## run the benchmarks (docs/PERFORMANCE.md)
	$(GO) test -run '^$$' -bench . -benchmem ./...

prove: build ## prove that the contract catches every fault of the reference provider
	@./verifik-contract prove $(ARGS)

assets dist image: export SOURCE_DATE_EPOCH := $(SOURCE_DATE_EPOCH)
dist: export COMMIT := $(COMMIT)
dist: export DATE := $(DATE)

assets: ## write manual pages, completions and root certificates (build/assets/)
	@$(GO) run ./deploy build/assets

dist: ## build a release: archives, packages, checksums, bills of materials (dist/)
	@sed 's/^    goarch: .*/    goarch: [$(ARCH)]/' .goreleaser.yaml | \
	  $(GO) tool -modfile=tools/go.mod goreleaser release -f - --clean --skip=publish \
	    $$(git describe --exact-match --tags >/dev/null 2>&1 || echo --snapshot)

image: assets ## build the image, with podman or buildah (IMAGE=registry.example.test/verifik-contract:1.0.0)
	@GOOS=linux $(BUILD) -o build/verifik-contract .
	@builder=$$(command -v podman || command -v buildah) || { echo "neither podman nor buildah is installed" >&2; exit 1; }; \
	  "$$builder" build --timestamp "$$SOURCE_DATE_EPOCH" -f deploy/container/Containerfile -t '$(IMAGE)' build

# A new major version is another module, which go list does not report.
BEHIND := {{with .Update}}outdated: {{$$.Path}} {{$$.Version}}, {{.Version}} is available{{end}}{{if not .Indirect}}{{with .Deprecated}}deprecated: {{$$.Path}}: {{.}}{{end}}{{end}}
MODULE := {{with .Module}}{{if not (or .Main .Replace)}}{{.Path}}{{end}}{{end}}

TOOLS  := github.com/golangci/golangci-lint/v2 github.com/goreleaser/goreleaser/v2 github.com/CycloneDX/cyclonedx-gomod

outdated: ## list the modules of the product, its tests and its tools that have a newer version
	@modules=$$($(GO) list -deps -test -f '$(MODULE)' ./...) && \
	  $(GO) list -m -u -f '$(BEHIND)' $$(echo "$$modules" | sort -u)
	@$(GO) list -modfile=tools/go.mod -m -u -f '$(BEHIND)' $(TOOLS)

clean: ## remove what was built
	rm -rf verifik-contract build dist reports
