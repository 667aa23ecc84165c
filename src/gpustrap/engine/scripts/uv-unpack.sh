# What the laptop sent, gzipped, at `packed`, becomes the binary at `path`.
trap 'rm -f "$packed" "$path.new"' EXIT
trap 'exit 1' HUP INT TERM
gunzip -c <"$packed" >"$path.new" && chmod 755 "$path.new" && mv -f "$path.new" "$path"
