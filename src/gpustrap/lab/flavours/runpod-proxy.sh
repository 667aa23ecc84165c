# RunPod by its proxy ssh.runpod.io: a terminal and nothing else, no command without one, no sftp and no scp
#
# The proxy answers a client that asks for no terminal with "Your SSH client doesn't support PTY".
# https://docs.runpod.io/pods/configuration/use-ssh (the proxied connection supports no SCP and no SFTP),
# https://github.com/microsoft/vscode-remote-release/issues/10790 (the message)
#: on runpod
cat >/usr/local/sbin/pty-only <<'PROXY'
#!/bin/sh
# The command that was asked for is dropped, as by the proxy: there is a shell or nothing.
if [ -t 0 ]; then
    exec "$SHELL" -l
fi
echo "Error: Your SSH client doesn't support PTY"
exit 1
PROXY
chmod 755 /usr/local/sbin/pty-only
sed -i '/^Subsystem/d' /etc/ssh/sshd_config
printf 'ForceCommand /usr/local/sbin/pty-only\nAllowTcpForwarding no\n' >/etc/ssh/sshd_config.d/flavour.conf
