# What the laptop sent, gzipped, at `packed`, becomes the binary at `path`. Behind `uv-place`.
trap 'rm -f "$packed" "$path.new"' EXIT
trap 'exit 1' HUP INT PIPE TERM
gunzip -c <"$packed" >"$path.new" && chmod 755 "$path.new" && place
