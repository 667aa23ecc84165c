# shellcheck shell=sh
# Lets a public key in: one line in an authorized_keys, which is else kept as it is.
# Prints "there" or "added"; before that "loose FILE" for each that sshd mistrusts (StrictModes).
# key: the whole line · file: empty for the login's own · block: a block of ours in which the key does not count, or empty
# shellcheck disable=SC2154 # the parameters
set -eu
umask 077
home=${HOME:-}
[ -z "$file" ] || home=${file%/.ssh/*}
[ -n "$home" ] && [ "$home" != / ] || home=$(getent passwd "$(id -u)" | cut -d: -f6)
file=$home/.ssh/authorized_keys
[ -d "$home/.ssh" ] || mkdir "$home/.ssh"
mistrusted() {
	find -H "$home" "$home/.ssh" "$file" -prune \( -perm -020 -o -perm -002 -o ! -user 0 ! -user "$(id -u)" \) \
		2>/dev/null | sed 's/^/loose /' || true
}
# The key itself is what counts, not the words behind it; a line that is a comment lets nobody in.
blob=$(printf '%s' "$key" | cut -d' ' -f2)
others() { sed "/^# gpustrap ${block:-none} begin/,/^# gpustrap ${block:-none} end/d; /^[[:space:]]*#/d" -- "$file"; }
if [ -e "$file" ] && others | grep -qF -- "$blob"; then
	mistrusted
	echo there
	exit
fi
[ ! -L "$file" ] || file=$(readlink -f -- "$file")
new=$file.gpustrap.$$
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT PIPE TERM
if [ -e "$file" ]; then
	cp -p -- "$file" "$new"
	[ -z "$(tail -c 1 "$new")" ] || echo >>"$new"
else
	: >"$new"
fi
printf '%s\n' "$key" >>"$new"
mv -f -- "$new" "$file"
trap - EXIT
mistrusted
echo added
