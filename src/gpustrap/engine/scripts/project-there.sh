# What stands at the `names` (gzipped, in base64) of the folder `dest`.
cd "$dest" || exit 1
printf '%s' "$names" | base64 -d | gunzip -c | states | sed 's/^/state /'
echo "place there"
