# What a person does with this repository. `make` alone lists it.

PREFIX ?= /usr/local
JOBS ?=

SCRATCH := .build
BUILD_FLAGS := --scratch-path $(SCRATCH) $(if $(JOBS),--jobs $(JOBS))
DEBUG_VAULT := $(SCRATCH)/debug/vault

# The release: one static program that keeps its random addresses (docs/decisions/0002-static-binary.md).
RELEASE_SCRATCH := .build-release
RELEASE_VAULT := $(RELEASE_SCRATCH)/release/vault
RELEASE_AGENT := $(RELEASE_SCRATCH)/release/vault-agent
RELEASE_FLAGS := --configuration release --scratch-path $(RELEASE_SCRATCH) $(if $(JOBS),--jobs $(JOBS))
# `make release STRIP=` keeps symbol names.
STRIP ?= -Xlinker --strip-all
ifeq ($(shell uname -s),Linux)
RELEASE_FLAGS += --disable-local-rpath --static-swift-stdlib -Xswiftc -static-executable -Xswiftc -use-ld=lld \
    -Xswiftc -Xclang-linker -Xswiftc -static-pie -Xlinker -z -Xlinker pack-relative-relocs $(STRIP) \
    -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections -Xcc -fdata-sections
endif

FORMATTED := $(wildcard Sources Tests Benchmarks Fuzz Package.swift migrations connectors)

# The program that the demonstration and the checks run; giving one saves building it.
VAULT ?= $(DEBUG_VAULT)

# Faults: POINTS, OPERATION=NAME[@STATE] for a part; POINT=… for one, with everything that was run. At most SECONDS (3000).
FAULTS_FLAGS = --seconds $(or $(SECONDS),3000) $(if $(POINTS),--points $(POINTS)) $(if $(SEED),--seed $(SEED)) \
    $(if $(OPERATION),--operation '$(OPERATION)') $(if $(POINT),--point '$(POINT)')

# Tampering: MUTANTS, ONLY=TEXT for a part; MUTANT=… for one, with everything that was run.
TAMPER_FLAGS = --seconds $(or $(SECONDS),3000) $(if $(MUTANTS),--mutants $(MUTANTS)) $(if $(SEED),--seed $(SEED)) \
    $(if $(ONLY),--only '$(ONLY)') $(if $(MUTANT),--mutant '$(MUTANT)')

.DEFAULT_GOAL := help
.PHONY: help demo test test-release check check-deep build release faults tamper crowd fuzz install bench coverage docs schema format clean setup vault

help: ## list these targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) \
	    | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

demo: setup vault ## run the main commands in a temporary vault, and print each with its output
	@scripts/demo.sh $(VAULT)

test: build ## build, and run all tests
	@swift test $(BUILD_FLAGS) --disable-xctest

test-release: build release ## run the command line's tests with the release build
	@VAULT_BINARY=$(CURDIR)/$(RELEASE_VAULT) swift test $(BUILD_FLAGS) --skip-build --disable-xctest --filter VaultCLITests

check: setup vault ## what CI checks besides the tests: format, layers, schema, connectors, links
	swift format lint --strict --recursive $(FORMATTED)
	scripts/layers.sh --self-test
	scripts/layers.sh
	scripts/schema.sh --check
	scripts/links.sh
	scripts/committed.sh
	LLVM_PROFILE_FILE=/dev/null scripts/connectors.sh $(VAULT)

build: setup ## build everything for development
	@swift build $(BUILD_FLAGS)

release: setup ## build the programs to ship: .build-release/release/vault and vault-agent
	@swift build $(RELEASE_FLAGS) --product vault
	@swift build $(RELEASE_FLAGS) --product vault-agent

faults: release ## inject faults into every operation that writes (POINTS, SECONDS, OPERATION, POINT)
	@scripts/faults.sh $(RELEASE_VAULT) --report $(RELEASE_SCRATCH)/faults.tsv $(FAULTS_FLAGS)

tamper: release ## change every part of a vault's file and sign broken entries (MUTANTS, SECONDS, ONLY, MUTANT)
	@scripts/tamper.sh $(RELEASE_VAULT) --report $(RELEASE_SCRATCH)/tamper.tsv $(TAMPER_FLAGS)

CROWD_FLAGS = $(if $(PROCESSES),--processes $(PROCESSES)) $(if $(SECONDS),--seconds $(SECONDS))
crowd: release ## use one vault from 100 processes for a minute, with and without an agent (PROCESSES, SECONDS)
	@python3 -B scripts/faults/crowd.py $(RELEASE_VAULT) $(CROWD_FLAGS)
	@python3 -B scripts/faults/crowd.py $(RELEASE_VAULT) $(CROWD_FLAGS) --agent

install: ## install the programs and their completions below PREFIX (default /usr/local); honors DESTDIR
	@# Under sudo, install an existing build: root seldom has Swift, and its files can't be removed by other users.
	@if [ -z "$$SUDO_USER" ] || [ ! -x $(RELEASE_VAULT) ] || [ ! -x $(RELEASE_AGENT) ]; then $(MAKE) --no-print-directory release; fi
	@scripts/install.sh $(RELEASE_VAULT) $(RELEASE_AGENT) "$(DESTDIR)$(PREFIX)"

bench: setup ## compare with the installed peers; writes docs/benchmarks.md
	@swift build $(RELEASE_FLAGS) --product vault
	@swift build $(RELEASE_FLAGS) --product vault-agent
	@swift build $(RELEASE_FLAGS) --product vault-bench
	@swift build $(RELEASE_FLAGS) --product long-ledger
	@swift build $(RELEASE_FLAGS) --product celonis-stand-in || echo 'bench: a rotation is not measured' >&2
	@Benchmarks/run.sh

coverage: setup ## check the line coverage of the inner modules
	@swift test --scratch-path .build-coverage --enable-code-coverage --disable-xctest $(if $(JOBS),--jobs $(JOBS)) \
	    --filter 'Vault(Crypto|Ledger|Registry|Wire)Tests|ProvingTests|ProcessHardeningTests'
	@scripts/coverage.sh .build-coverage

fuzz: setup ## run each fuzz target for SECONDS (60), or TARGET alone; Fuzz/README.md
	@JOBS=$(JOBS) scripts/fuzz.sh $(or $(SECONDS),60) $(TARGET)

check-deep: setup ## run the tests under the Address and the Thread sanitizer; SANITIZER=address for one
	@JOBS=$(JOBS) scripts/sanitizers.sh $(SANITIZER)

docs: setup ## build the modules' documentation with docc: .build/docs
	@scripts/docs.sh $(SCRATCH)

schema: ## generate migrations/schema.sql from the migrations
	@scripts/schema.sh

format: ## format all Swift files
	swift format --in-place --recursive $(FORMATTED)

clean: ## remove all build products
	rm -rf .build .build-asan .build-coverage .build-fuzz .build-release .build-tsan

setup:
	@scripts/setup.sh

# The program alone, unless one was given that is not this folder's to build.
vault:
ifeq ($(VAULT),$(DEBUG_VAULT))
	@swift build $(BUILD_FLAGS) --product vault >&2
	@swift build $(BUILD_FLAGS) --product vault-agent >&2
endif
