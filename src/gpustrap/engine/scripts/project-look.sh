# What was sent to the folder `dest`, and those files of it that are not as they were sent.
own=$dest/.gpustrap
if [ ! -e "$dest" ] && [ ! -L "$dest" ]; then place=absent
elif [ ! -d "$dest" ]; then place=blocked
elif [ -z "$(ls -A -- "$dest")" ]; then place=empty
else place=there; fi
if [ -d "$own" ]; then
  cd "$dest" || exit 1
  known=/dev/null
  for record in sent coming; do
    [ ! -f "$own/$record" ] || echo "record $record $(gzip -nc <"$own/$record" | base64 -w 0)"
  done
  # Of a run that was cut short all files are told: some are as they were before.
  if [ -f "$own/sent" ] && [ ! -f "$own/coming" ]; then known=$own/sent; fi
  cat "$own/sent" "$own/coming" 2>/dev/null | cut -d ' ' -f 3- | sort -u | states |
    awk 'from == "record" { known[$0]; next } !($0 in known) { print "state " $0 }' from=record "$known" from=here -
fi
echo "place $place"
