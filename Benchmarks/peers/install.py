#!/usr/bin/env python3
"""Installs the programs that Hayloft is compared with into a virtual environment.

    python3 Benchmarks/peers/install.py VENV

llama.cpp is built for this processor, as its users get it from the source package of llama-cpp-python; the others come
as they are offered. What is there already stays. Needs a C++ compiler, and half an hour on two slow cores.
"""

import os
import pathlib
import subprocess
import sys

TOOLS = ["cmake", "ninja", "numpy", "gguf", "transformers", "ctranslate2"]
LLAMA = "llama-cpp-python"
OPTIONS = "-DGGML_NATIVE=ON -DGGML_BLAS=OFF -DLLAVA_BUILD=OFF"


def install(venv):
    """Makes the environment where there is none, and adds what it lacks."""
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *TOOLS], check=True)
    if not has(python, "torch"):
        subprocess.run([*pip, "torch"], check=True)
    if not has(python, "llama_cpp"):
        path = f"{venv.resolve() / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"CMAKE_ARGS": OPTIONS, "PATH": path}
        subprocess.run([*pip, "--no-binary", LLAMA, LLAMA], env=environment, check=True)


def has(python, module):
    """Whether the environment has a module."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"
    return subprocess.run([python, "-c", code]).returncode == 0


if __name__ == "__main__":
    install(pathlib.Path(sys.argv[1]))
