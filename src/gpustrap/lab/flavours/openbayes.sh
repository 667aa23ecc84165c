# OpenBayes: the login shell is fish; /openbayes/home, which is also /output, is kept, /root is not
#
# https://openbayes.com/docs/concepts/ (/output and /openbayes/home are one folder, kept after a run; inputs are
# read-only), fish as users tell it.
#: disk /openbayes/home
apt_install fish
mkdir -p /openbayes/home /openbayes/input
ln -s /openbayes/home /output
chmod 555 /openbayes/input
chsh -s /usr/bin/fish root
mkdir -p /root/.config/fish
cat >/root/.config/fish/config.fish <<'RC'
set -gx OPENBAYES_HOME /openbayes/home
if status is-interactive
    cd /openbayes/home
end
RC
