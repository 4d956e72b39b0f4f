# make run       build, and let the bundled model answer a question
# make test      build and run all tests
# make build     the optimised command at .build/release/hayloft
# make bench     speeds on random checkpoints of real shapes (needs python3 with numpy, 8 GB of disk)
# make examples  build the programs in Examples, which use Hayloft as any program would, and run them
# make format    lay out the sources; make lint checks that they are
# make fixtures  make the golden checkpoints anew with transformers (needs python3 and PyPI)

SYSTEM_PACKAGES = libopenblas-dev
HAYLOFT = .build/release/hayloft
TEST = swift test -c release --scratch-path .build-test
BENCH_FOLDER = .build/benchmarks
BENCH_SHAPES = tinyllama-1.1b flan-t5-base

.PHONY: run test build bench examples format lint fixtures system-packages

run: build
	$(HAYLOFT) generate "Write 347 in words."

build: system-packages
	swift build -c release --product hayloft

# In release, as the kernels are too slow without optimisation, and in a folder of its own, as the two builds would
# otherwise undo each other's work. Tests of servers run apart from those that keep all cores busy for long, as time passes
# in them; tests that watch memory run once more, each alone.
test: system-packages
	$(TEST) --skip HayProvidersTests
	$(TEST) --filter HayProvidersTests
	HAYLOFT_MEMORY_TESTS=1 $(TEST) --no-parallel --filter InFlatMemory

bench: build
	@for shape in $(BENCH_SHAPES); do for dtype in bf16 f32; do \
	    folder=$(BENCH_FOLDER)/$$shape-$$dtype; \
	    test -e $$folder/model.safetensors || python3 Benchmarks/make_checkpoint.py $$shape --dtype $$dtype --output $$folder; \
	    $(HAYLOFT) bench --model $$folder --prompt-tokens 128,512 --roofline || exit 1; \
	done; done

examples: system-packages
	swift build -c release --package-path Examples --scratch-path .build-examples
	.build-examples/release/Generate Models/Bundled/tiny-zephyr
	.build-examples/release/Weather Models/Bundled/tiny-zephyr

format:
	swift format --in-place --recursive Package.swift Sources Tests Models Benchmarks Examples

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Models Benchmarks Examples

fixtures:
	test -d .venv || python3 -m venv .venv
	.venv/bin/pip install --quiet -r Models/Bundled/recipes/requirements.txt
	.venv/bin/python Tests/Support/make_golden.py

# Installs what is missing, and says so.
system-packages:
	@if command -v dpkg >/dev/null; then \
	    missing=""; \
	    for package in $(SYSTEM_PACKAGES); do \
	        dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	    done; \
	    if [ -n "$$missing" ]; then \
	        echo "Installing system packages:$$missing"; \
	        if [ "$$(id -u)" = 0 ]; then as_root=""; else as_root=sudo; fi; \
	        $$as_root apt-get update -q && $$as_root apt-get install -y -q $$missing; \
	    fi; \
	else \
	    echo "If the build lacks cblas.h: install OpenBLAS with its headers."; \
	fi
