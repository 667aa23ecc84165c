# Whether the environment has what the project asks for. Nothing is asked of the network.
if [ -z "$file" ] && [ -d "$project" ]; then echo "environment ready"
elif [ ! -x "$python" ]; then echo "environment absent"
elif right_python && [ -x "$uv" ] && listed 2>/dev/null && said=$(installed --dry-run --offline 2>&1) &&
  printf '%s\n' "$said" | grep -q '^Would make no changes$'; then echo "environment ready"
else echo "environment lacking"; fi
