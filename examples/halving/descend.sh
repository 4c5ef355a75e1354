# usage: descend.sh RATE STEP POINT NEXT: one step of gradient descent on (x² + 25 y²) / 2
awk -F, -v rate="$1" -v step="$2" '{
  x = $3 * (1 - rate); y = $4 * (1 - 25 * rate)
  printf "%s,%s,%.17g,%.17g,%.17g\n", rate, step, x, y, (x * x + 25 * y * y) / 2
}' "$3" > "$4"
printf '{"event": "metric", "name": "loss", "value": %s}\n' "$(cut -d, -f5 "$4")" >> "$VMFDAG_EVENTS"
