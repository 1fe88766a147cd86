#!/usr/bin/env bash
# Runs two builds of the program and of its tasks on the same data and compares what they write, byte by byte.
#
#   tests/same-bytes/run.sh BEFORE AFTER [FOLDER]
#
# BEFORE and AFTER are folders with the release binaries `wherefair` and `xtask`. Outputs stay in FOLDER (by default a
# temporary one). Run from the root of the workspace. Prints a line for each output that differs; exits with 1 if one does.
# Real data are used where WHEREFAIR_REAL_DATA names their folder.
set -uo pipefail

before=$(realpath "$1")
after=$(realpath "$2")
folder=${3:-$(mktemp -d)}
real=${WHEREFAIR_REAL_DATA:-/nonexistent}
houses=$PWD/datasets/lucas_county_houses.csv.gz
mkdir -p "$folder"
folder=$(realpath "$folder")
made=$folder/made.csv
# Two classes whose rule differs in the east, a group with few rows, another model's answers.
awk 'BEGIN {
    print "x,y,a,b,kind,class,other,value"
    s = 12345
    for (i = 0; i < 3000; i++) {
        for (k = 0; k < 5; k++) { s = (s * 16807) % 2147483647; u[k] = s / 2147483647 }
        east = u[0] > 0.7
        class = ((east ? u[3] : u[2]) > 0.5) ? "yes" : "no"
        other = u[4] > 0.8 ? "no" : class
        kind = u[4] < 0.3 ? "red" : (u[4] < 0.6 ? "green" : "blue")
        printf "%.6f,%.6f,%.6f,%.6f,%s,%s,%s,%.6f\n", u[0], u[1], u[2], u[3], kind, class, other, 10 + 5 * u[2] + (east ? 3 : 1) * u[3]
    }
}' > "$made"

# NAME, then the arguments; the JSON of the program goes to NAME.json, its output to NAME.txt.
program() {
    local name=$1
    shift
    (cd "$out" && "$bin/wherefair" "$@" --json "$name.json" --quiet > "$name.txt" 2>&1)
}

# As the program, with the report, too.
reported() {
    program "$@" --report "$1.html"
}

outputs() {
    bin=$1
    out=$2
    mkdir -p "$out"
    rm -rf "${out:?}"/*
    (zcat "$houses" > "$out/houses.csv")
    # Paths are part of what is written: both builds see the same ones.
    cp "$made" "$out/made.csv"
    local h=houses.csv m=made.csv
    local price=(--truth price --pred avalue)
    reported audit-log-ratio audit $h "${price[@]}" --metric log-ratio
    reported audit-mae audit $h "${price[@]}" --metric mae --permutations 99 --max-grid 8x8
    reported audit-median audit $h "${price[@]}" --metric median-log-ratio --permutations 99
    reported audit-weights audit $h "${price[@]}" --metric log-ratio --weights knn:8 --permutations 99
    reported audit-classes audit $m --truth class --pred other --metric f1 --permutations 199
    reported audit-macro audit $m --truth class --pred other --metric f1-macro --reference weighted-mean --distance squared --permutations 99
    reported audit-gate audit $m --truth class --pred other --metric recall-binary --positive yes --fail-above 0.01
    reported moran moran $h --value price --weights knn:8
    reported local-moran local-moran $h --value price --weights knn:8 --permutations 99
    reported bias bias $h --outcome price --sensitive age --weights knn:8 --permutations 99
    local train=(--base-epochs 20 --schedule 2x4,1x6 --batch 512)
    local of_class=(train $m --target class --features a,b --categorical kind --compare other "${train[@]}" --permutations 99)
    local of_value=(train $h --target price --features rooms,lotsize,age,yrbuilt "${train[@]}" --permutations 99)
    for strategy in base base-longer:40 single:1x3 reg:1 reg-single:3x1 spad spad-gd spad-no-base spad-fixed-k:3 equal-rates; do
        reported "train-${strategy//:/-}" "${of_class[@]}" --strategy "$strategy" --out "train-${strategy//:/-}.safetensors"
    done
    local loops=(--base-epochs 20 --batch 512 --loops 6 --max-grid 3x3)
    of_class=(train $m --target class --features a,b --categorical kind --compare other "${loops[@]}" --permutations 99)
    reported train-spad-sim "${of_class[@]}" --strategy spad-sim --initial-loops 2 --clustering-loops 2 --out train-spad-sim.safetensors
    reported train-spad-rnd "${of_class[@]}" --strategy spad-rnd:3 --out train-spad-rnd.safetensors
    of_class=(train $m --target class --features a,b --categorical kind "${train[@]}" --permutations 99)
    reported train-adl "${of_class[@]}" --strategy adl-single:1x3 --out train-adl.safetensors
    reported train-values "${of_value[@]}" --metric log-ratio --out train-values.safetensors --base-out train-values-base.safetensors
    reported train-blocks "${of_value[@]}" --split-by block:6x6 --metric rmse --out train-blocks.safetensors
    (cd "$out" && "$bin/wherefair" predict train-values.safetensors $h --out predict-values.csv --quiet > predict-values.txt 2>&1)
    (cd "$out" && "$bin/wherefair" predict train-spad.safetensors $m --out predict-classes.csv --probabilities --quiet > predict-classes.txt 2>&1)
    if [[ -d $real ]]; then
        cp "$real/california_s2_cdl_aug2021.csv" "$out/crops.csv"
        reported train-crops train crops.csv --target cdl --metric f1 --absent-class keep --features B02,B03,B04,B08,B11 "${train[@]}" --permutations 99 --out train-crops.safetensors
        cp "$real/chicago_tracts.geojson" "$out/tracts.geojson"
        reported bias-tracts bias tracts.geojson --outcome log_mhi --sensitive f_black --weights queen --permutations 99 --missing skip
        reported moran-tracts moran tracts.geojson --value log_mhi --weights queen --missing skip
    fi
    for suite in autocorrelation spad spad-sim; do
        "$bin/xtask" reproduce "$suite" --scale smoke --quiet --out "$out/reproduce-$suite" > "$out/reproduce-$suite.txt" 2>&1
    done
}

outputs "$before" "$folder/out"
rm -rf "$folder/before"
mv "$folder/out" "$folder/before"
outputs "$after" "$folder/out"
rm -rf "$folder/after"
mv "$folder/out" "$folder/after"

n_compared=0
n_different=0
while IFS= read -r file; do
    n_compared=$((n_compared + 1))
    if ! cmp -s "$folder/before/$file" "$folder/after/$file"; then
        n_different=$((n_different + 1))
        echo "differs: $file"
    fi
done < <({ cd "$folder/before" && find . -type f; cd "$folder/after" && find . -type f; } | sort -u)
echo "$n_compared outputs compared, $n_different differ ($folder)"
[[ $n_compared -gt 0 && $n_different -eq 0 ]]
