# states: for each path on stdin, below the folder that we are in, `MODE SUM PATH` as it stands now; `link` for the mode
# of a link, whose sum is that of where it leads; `other` for what is neither, `absent` for nothing.
# Nothing but files is opened: reading a FIFO would wait for ever.
states() {
  # shellcheck disable=SC2016 # its own variables
  tr '\n' '\0' | xargs -0 -r -n 200 sh -c '
    for path; do
      if [ -L "$path" ]; then
        sum=$(readlink -- "$path" | sha256sum)
        echo "link ${sum%% *} $path"
      elif [ -f "$path" ]; then set -- "$@" "$path"
      elif [ -e "$path" ]; then echo "other - $path"
      else echo "absent - $path"; fi
      shift
    done
    [ $# = 0 ] || { stat -c "%a - %n" -- "$@"; sha256sum -- "$@"; } | awk "
      \$2 == \"-\" { mode = \$1; sub(/^[^ ]* - /, \"\"); modes[\$0] = mode; next }
      { sum = \$1; sub(/^[^ ]*  /, \"\"); print modes[\$0], sum, \$0 }"
  ' sh
}
