# gpushare (恒源云): conda in /usr/local/miniconda3 set up in .bashrc, a Jupyter on 8888, /hy-tmp and /hy-public
#
# - supervisor keeps JupyterLab on 8888 (/etc/supervisor/conf.d). Here Python's http.server stands in for it, by its name.
# - conda is in .bashrc, its base is not activated. Here it is a stand-in. https://gpushare.com/docs
# - /hy-tmp is the fast disk, /hy-public is read-only, the hostname is I and hexadecimal digits.
#: hostname I{hex}
stand_in_conda /usr/local/miniconda3
mkdir -p /hy-tmp /hy-public /etc/supervisor/conf.d
chmod 555 /hy-public
conda_block /usr/local/miniconda3 >>/root/.bashrc
printf '#!/bin/sh\necho "oss: a stand-in, it cannot $*" >&2\nexit 1\n' >/usr/local/bin/oss
chmod 755 /usr/local/bin/oss
cat >/etc/supervisor/conf.d/jupyter.conf <<'CONF'
[program:jupyter]
command=python3 -m http.server 8888
autorestart=true
CONF
at_start <<'START'
mkdir -p /root/notebooks
cd /root/notebooks
setsid bash -c 'while :; do (exec -a jupyter-lab python3 -m http.server 8888); sleep 1; done' >/var/log/jupyter.log 2>&1 </dev/null &
START
