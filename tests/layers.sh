#!/usr/bin/env bash
# Include directions, the one door to time, and include cycles. layers.sh [ROOT]
set -eu
house="$(cd "$(dirname "$0")" && pwd)/house"
exec env PYTHONDONTWRITEBYTECODE=1 python3 "$house/layers.py" "${1:-$house/../..}"
