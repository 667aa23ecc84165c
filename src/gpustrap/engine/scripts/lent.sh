# shellcheck shell=sh
# shellcheck disable=SC2154 # the parameters: port (hexadecimal, of the lent proxy) and pip (what asks pip for its hosts)
# Prints KEY TAB VALUE lines: which hosts the clients on the box ask, by their own word, and whether the port is everybody's.
limited() { timeout -k 1 3 "$@" </dev/null 2>/dev/null | head -c 100000; }
hosts() { sed -n 's#^.*https*://\([^/@]*@\)\{0,1\}\([A-Za-z0-9.-]*\).*$#host\t\2#p' | sort -u | head -n 20; }
awk -v port=":$port" 'substr($2, length($2) - 4) == port && $4 == "0A" && $2 !~ /^(0100007F|00000000000000000000000001000000):/ { print "open\tyes" }' \
  /proc/net/tcp /proc/net/tcp6 2>/dev/null
command -v apt-get >/dev/null && limited apt-get --print-uris update | hosts
command -v python3 >/dev/null && limited python3 -I -c "$pip" | hosts
command -v npm >/dev/null && limited npm config get registry | hosts
true
