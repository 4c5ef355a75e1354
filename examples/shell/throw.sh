# usage: throw.sh DICE THROWS FOLDER
mkdir "$3"
die=1
while [ "$die" -le "$1" ]; do
  # The same numbers on every machine: each die takes the next part of one sequence.
  awk -v die="$die" -v count="$2" 'BEGIN {
    x = 7919
    for (i = 1; i <= die * count; i++) {
      x = (x * 16807) % 2147483647
      if (i > (die - 1) * count) print int(x / 2147483647 * 6) + 1
    }
  }' > "$3/die-$die.txt"
  die=$((die + 1))
done
paste "$3"/die-*.txt | awk '{sum = 0; for (i = 1; i <= NF; i++) sum += $i; print sum}' > "$3/sums.txt"
