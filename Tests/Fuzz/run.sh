#!/bin/sh
# Fuzzes what reads text from outside: run.sh TARGET SECONDS [libFuzzer's options]
#
# An input that crashes, hangs or takes too much memory is left in .build/fuzz/TARGET-*, and ends the run with an error.
# To run it again: run.sh TARGET 0 FILE
set -eu
target=$1
seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
work=$here/.build/fuzz
# lld, as gold does not read the debug information that the instrumentation leaves.
test -n "${FUZZ_SKIP_BUILD:-}" || swift build --package-path "$here" -c release --product Fuzz \
    -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld
mkdir -p "$work/corpus/$target"
export SWIFT_BACKTRACE=enable=no
fuzz=$here/.build/release/Fuzz
limits="-timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -artifact_prefix=$work/$target-"
if [ "$seconds" = 0 ]; then exec "$fuzz" "$target" $limits "$@"; fi
python3 "$here/seeds.py" "$work/seeds"
words=""
test ! -e "$work/seeds/$target.dict" || words="-dict=$work/seeds/$target.dict"
exec "$fuzz" "$target" $limits $words -max_len=8192 -max_total_time="$seconds" -print_final_stats=1 "$@" \
    "$work/corpus/$target" "$work/seeds/$target"
