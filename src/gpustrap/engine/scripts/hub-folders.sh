# The folders that Hugging Face's client writes to; those of `user`, empty for the login's own. `cache`, `records`.
for folder in "${cache%/*}" "$cache" "$records"; do
  if [ -d "$folder" ]; then continue; fi
  if [ -z "$user" ]; then mkdir -p "$folder"
  # In a home everything is the user's own, elsewhere only the last folder can be.
  else runuser -u "$user" -- mkdir -p "$folder" 2>/dev/null || install -d -o "$user" "$folder"; fi || exit 1
done
