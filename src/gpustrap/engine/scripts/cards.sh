# shellcheck shell=sh
# What nvidia-smi tells of the cards, as KEY TAB VALUE lines. What it says in vain comes back in its own words.
# shellcheck disable=SC2154 # the parameters: seconds, others, folders
card_say() { tr -d '\r' | head -n 400 | cut -c 1-500 | while IFS= read -r line; do printf '%s\t%s\n' "$1" "$line"; done; }

# It may be in no folder of PATH.
card_smi=''
command -v nvidia-smi >/dev/null && card_smi=$(command -v nvidia-smi)
for card_file in $folders; do
  [ -z "$card_smi" ] && [ -f "$card_file/nvidia-smi" ] && [ -x "$card_file/nvidia-smi" ] && card_smi=$card_file/nvidia-smi
done
# One that may not be run is asked all the same, and its refusal told: an empty file is what a container runtime leaves.
card_rest=$PATH:
for card_file in $folders; do card_rest=$card_rest$card_file:; done
while [ -z "$card_smi" ] && [ -n "$card_rest" ]; do
  card_file=${card_rest%%:*}/nvidia-smi card_rest=${card_rest#*:}
  [ -f "$card_file" ] && [ -s "$card_file" ] && card_smi=$card_file
done

# card_ask WORDS...: nvidia-smi, ended after so many seconds: on a sick card it has been seen to hang for ever, and
# not to heed SIGTERM.
card_ask() { in_time "$seconds" "$card_smi" "$@"; }
card_query() { card_ask --query-gpu="$1" --format=csv,noheader,nounits; }
# Rows begin with the driver's version; warnings stand before, between and after them.
card_rows() { printf '%s\n' "$1" | grep -E '^ *[0-9]+\.[0-9.]+ *,'; }

# card_told FIELDS: sets what it says and what it ended with; `endless` where it does not stop printing.
card_told() {
  card_out=$({ card_query "$1" 2>&1; echo "gpustrap-status $?"; } | head -c 60000)
  card_code=${card_out##*gpustrap-status }
  case $card_out in *"gpustrap-status "*) card_out=${card_out%gpustrap-status *} ;; *) card_code=endless ;; esac
}

if [ -n "$card_smi" ]; then
  card_told driver_version,memory.total,compute_cap,name
  # Old drivers do not know compute_cap, and refuse the whole query for it.
  case $card_out in *compute_cap*|*"not a valid field"*)
    card_told driver_version,memory.total,name
    card_out=$(printf '%s\n' "$card_out" | sed '/^ *[0-9][0-9]*\.[0-9.]* *,/s/, */, [N\/A], /2') ;;
  esac
  printf '%s\n' "$card_out" | card_say gpu
  echo "$card_code" | card_say gpu_status
  # One that does not stop is asked nothing more: each answer would take its whole time.
  if [ "$card_code" != endless ] && [ -n "$(card_rows "$card_out")" ]; then
    card_link=pcie.link.gen.current,pcie.link.gen.max,pcie.link.width.current,pcie.link.width.max
    card_links=$(card_query "$card_link,mig.mode.current" 2>/dev/null | head -c 60000)
    case $card_links in *,*) ;; *) card_links=$(card_query "$card_link" 2>/dev/null | head -c 60000) ;; esac
    card_links=$(printf '%s\n' "$card_links" | grep ',')
    printf '%s\n' "$card_links" | card_say gpu_link
    card_ask nvlink --status 2>/dev/null | card_say nvlink
    case $card_links in *Enabled*) card_ask -L 2>/dev/null | card_say mig ;; esac
    # A vGPU tells no PCIe link.
    printf '%s\n' "$card_links" | grep -qv '^ *[0-9]' &&
      card_ask -q 2>/dev/null | sed -n 's/^ *Virtualization [Mm]ode *: *//p' | card_say virtualization
  fi
else
  # The card itself was handed to this box; or only its host has the driver, whose /proc a container sees.
  for card_file in /dev/nvidia[0-9]* /proc/driver/nvidia/version; do
    [ -e "$card_file" ] && { echo "$card_file" | card_say card_trace; break; }
  done
  # The tool or the device of another maker's card.
  for card_file in /etc/nv_tegra_release /dev/davinci0 /dev/kfd $others; do
    case $card_file in /*) [ -e "$card_file" ] ;; *) command -v "$card_file" >/dev/null ;; esac &&
      { echo "$card_file" | card_say card_other; break; }
  done
fi
for card_file in /sys/module/nvidia/version /proc/driver/nvidia/version; do
  [ -r "$card_file" ] && grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' "$card_file" | head -n 1 | card_say driver
done
true
