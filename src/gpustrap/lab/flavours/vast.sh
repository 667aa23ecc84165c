# Vast.ai: an interactive login attaches to tmux, /venv/main has a torch and is active, variables lie in /etc/environment
#
# - /root/.bashrc attaches to the tmux session ssh_tmux unless ~/.no_auto_tmux is there. The images are
#   Ubuntu's, whose .bashrc returns at once in a shell that is not interactive, so `ssh host command` works;
#   `vast-bare` is the same without that line. https://docs.vast.ai/guides/instances/connect/ssh
# - /venv/main is the environment of Vast's own images, activated in .bashrc. Here its torch is a stand-in that
#   only says its version. https://github.com/vast-ai/base-image
# - The variables of the container are appended to /etc/environment at each start: the login gets them by PAM.
#   https://docs.vast.ai/guides/instances/docker-environment
#: env VAST_CONTAINERLABEL=C.{number}
#: env CONTAINER_ID={number}
#: env PUBLIC_IPADDR=127.0.0.1
#: env VAST_TCP_PORT_22={ssh_port}
#: env VAST_TCP_PORT_8080={http_port}
#: env DATA_DIRECTORY=/workspace/
apt_install python3-venv
mkdir -p /workspace
python3 -m venv /venv/main
stand_in_torch "$(site_packages /venv/main/bin/python)" 2.7.1+cu128 12.8
touch /.launch
at_start <<'START'
env | grep _ >>/etc/environment
START
cat >/root/.bashrc <<'RC'
[ -z "$PS1" ] && return
RC
cat >>/root/.bashrc <<'RC'
if [[ -z "$TMUX" ]] && [ "$SSH_CONNECTION" != "" ] && [ ! -f ~/.no_auto_tmux ]; then
    tmux attach-session -t ssh_tmux || tmux new-session -s ssh_tmux
    exit
fi
. /venv/main/bin/activate
cd /workspace
RC
