# `service` goes back to the version before the one that was last ready; a second time it comes forth again. Where that does
# not get ready, the one that was ready runs again. Prints "none" where there is no other version. With `taken`, the ports
# of all services, it starts beside the one that answers, which goes on where it does not get ready.
[ -d "$units/$service/before/unit" ] || { echo none; exit 0; }
awake || exit
longest=$given
# aside: as `up` does it with a changed one.
aside() {
  at=$units/$service/before
  identity=$(cat "$at/identity")
  read -r own path seconds <"$at/probe" # `await` takes `port` for that of the one beside
  [ "$path" != - ] || path=''
  # shellcheck disable=SC2046 # names of ours, without blanks
  set -- $(cd "$at/unit" && find . -type f | cut -c 3-)
  restored before
  beside
  seen
  await "$service" "$own" "$path" 0 "$seconds"
  rest
  settle "$service" "$identity" "$own" "$path" "$seconds" yes "$@"
}
if [ -n "$taken" ] && [ -f "$units/$service/before/unit/beside" ]; then
  aside
elif again before ''; then
  at=$units/$service
  mv "$at/before" "$at/new" && mv "$at/ready" "$at/before" && mv "$at/new" "$at/ready"
else
  again ready '' | sed 's/^again/instead/'
fi
