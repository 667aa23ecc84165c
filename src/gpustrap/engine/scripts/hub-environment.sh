# What Hugging Face's client hears besides what it is told: the role network's proxy. Nothing else that is set for it.
for profile in /etc/profile.d/*gpustrap-network.sh; do
  # shellcheck source=/dev/null
  if [ -r "$profile" ]; then . "$profile"; fi
done
for name in $(env | sed -n -e 's/^\(HF_[A-Za-z0-9_]*\)=.*/\1/p' -e 's/^\(HUGGING[A-Za-z0-9_]*\)=.*/\1/p'); do unset "$name"; done
unset XDG_CACHE_HOME VIRTUAL_ENV
export HF_HUB_DISABLE_TELEMETRY=1 HF_HUB_DISABLE_PROGRESS_BARS=1 HF_HUB_DISABLE_UPDATE_CHECK=1 NO_COLOR=1
