# `service` goes back to the version before the one that was last ready; a second time it comes forth again. Where that does
# not get ready, the one that was ready runs again. Prints "none" where there is no other version.
[ -d "$units/$service/before/unit" ] || { echo none; exit 0; }
awake
longest=$given
if again before ''; then
  at=$units/$service
  mv "$at/before" "$at/new" && mv "$at/ready" "$at/before" && mv "$at/new" "$at/ready"
else
  again ready '' | sed 's/^again/instead/'
fi
