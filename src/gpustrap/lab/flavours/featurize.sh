# Featurize: a user of its own with sudo, conda in /environment/miniconda3, /home/featurize/work is kept
#
# https://docs.featurize.cn: `ssh featurize@workspace.featurize.cn -p PORT`, /home/featurize/work and /cloud are
# kept, `featurize port export`. conda and the command `featurize` are stand-ins here.
#: user featurize
#: disk /home/featurize/work
login_user featurize /home/featurize
stand_in_conda /environment/miniconda3
mkdir -p /home/featurize/work /home/featurize/data /cloud
chown -R featurize: /home/featurize /environment
conda_block /environment/miniconda3 >>/home/featurize/.bashrc
printf 'conda activate base\n' >>/home/featurize/.bashrc
printf '#!/bin/sh\necho "featurize: a stand-in, it cannot $*" >&2\nexit 1\n' >/usr/local/bin/featurize
chmod 755 /usr/local/bin/featurize
at_start <<'START'
chown featurize: /home/featurize/work
START
