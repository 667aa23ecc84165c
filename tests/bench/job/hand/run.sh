#!/bin/sh
# run.sh KEY JOB PORT...: run the script JOB as root on every 127.0.0.1:PORT at once. Status 1: one failed.
key=$1 job=$2
shift 2
running=
for port; do
	ssh -F none -i "$key" -p "$port" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 'sh -s' <"$job" &
	running="$running $!"
done
status=0
for one in $running; do
	wait "$one" || status=1
done
exit $status
