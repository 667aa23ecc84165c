# `folder`: the services' own folders. For each that was started "ran NAME SECONDS RESTARTS": since when it runs, "-" while
# it does not, and how often it was started again by itself.
read -r now _ </proc/uptime
for file in "$folder"/*/state; do
  [ -f "$file" ] || continue
  name=${file%/state}
  awk -v now="${now%%.*}" -v name="${name##*/}" '
    $1 == "starts" { began = $2; restarts = 0 }
    $1 == "again" { began = $2; restarts = $3 == "" ? restarts + 1 : $3 }
    $1 == "waits" || $1 == "ended" || $1 == "gave-up" { began = "" }
    END { print "ran", name, (began == "" ? "-" : now - began), restarts + 0 }' "$file"
done
