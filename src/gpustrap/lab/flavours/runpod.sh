# RunPod: variables only in PID 1's environment and in /etc/rp_environment, which rc files source; /workspace is kept
#
# - The start script of RunPod's images writes RUNPOD_* and PATH to /etc/rp_environment and appends `source
#   /etc/rp_environment` to ~/.bashrc at each start (not in a shell's environment otherwise).
#   https://github.com/runpod/containers, container-template/start.sh: export_env_vars
# - It runs /post_start.sh where there is one, at each start (same file: execute_script "/post_start.sh").
# - /workspace is the volume disk. https://docs.runpod.io/pods/storage/types
#: env RUNPOD_POD_ID={hex}pod
#: env RUNPOD_PUBLIC_IP=127.0.0.1
#: env RUNPOD_TCP_PORT_22={ssh_port}
#: env RUNPOD_DC_ID=EU-RO-1
#: disk /workspace
at_start <<'START'
printenv | grep -E '^[A-Z_][A-Z0-9_]*=' | grep -v '^PUBLIC_KEY' | awk -F = '{ val = $0; sub(/^[^=]*=/, "", val); print "export " $1 "=\"" val "\"" }' >/etc/rp_environment
grep -q 'source /etc/rp_environment' ~/.bashrc || echo 'source /etc/rp_environment' >>~/.bashrc
[ ! -f /post_start.sh ] || bash /post_start.sh
START
