# look NAME…: which of the packages are installed; of one that is not, whether another one stands for it.
look() {
  [ $# -gt 0 ] || return 0
  # dpkg-query exits 1 when it does not know one of them; the others are still printed.
  # shellcheck disable=SC2016 # dpkg-query's own variables
  found=$(dpkg-query -W -f='package ${db:Status-Status} ${Package}\n' "$@" 2>/dev/null)
  [ -z "$found" ] || printf '%s\n' "$found"
  installed=0
  while read -r word status _; do
    [ "$word $status" != 'package installed' ] || installed=$((installed + 1))
  done <<END
$found
END
  # shellcheck disable=SC2016
  [ "$installed" -ge $# ] ||
    dpkg-query -W -f='provides ${db:Status-Status} ${Provides}\n' 2>/dev/null | grep '^provides installed .'
}
