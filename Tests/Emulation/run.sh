#!/bin/sh
# Runs the tests of HayTensor with the AVX-512 kernels on a processor that has AVX2 only, their instructions emulated:
#
#     sh Tests/Emulation/run.sh [FOLDER FOR THE BUILD]
#
# It copies the kernels and changes three things in the copy: the header that names the instructions, the instruction sets
# that the compiler may use, and the answer to what the processor has.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/.build-emulation}
mkdir -p "$build/Sources" "$build/Tests"
rm -rf "$build/Kernels"
cp -R "$root/Kernels" "$build/Kernels"
ln -sfn "$root/Sources/COpenBLAS" "$build/Sources/COpenBLAS"
ln -sfn "$root/Sources/HayTensor" "$build/Sources/HayTensor"
ln -sfn "$root/Tests/HayTensorTests" "$build/Tests/HayTensorTests"
cp "$root/Tests/Emulation/emulate512.h" "$build/Kernels/CPU/simd/"
cd "$build"
sed -i 's/"avx512f,[a-z0-9,]*"/"avx2,fma,f16c"/; s|#include <immintrin.h>|#include "simd/emulate512.h"|' Kernels/CPU/avx512.c
sed -i 's/"+v"(a)/"+m"(a)/' Kernels/CPU/simd/integers512.h
sed -i 's/__builtin_cpu_supports("avx512[a-z0-9]*")/1/g' Kernels/kernels.c
cat > Package.swift <<'PACKAGE'
// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Emulation", platforms: [.macOS(.v15)],
    targets: [
        .target(name: "CKernels", path: "Kernels", exclude: ["README.md"], sources: ["CPU", "kernels.c"]),
        .systemLibrary(name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas"),
        .target(name: "HayTensor", dependencies: ["CKernels", "COpenBLAS"]),
        .testTarget(name: "HayTensorTests", dependencies: ["HayTensor", "CKernels"]),
    ],
    swiftLanguageModes: [.v6]
)
PACKAGE
swift test -c release
