# AutoDL: rc files that print a banner, conda in /root/miniconda3 on PATH, /etc/network_turbo, no tmux
#
# - `source /etc/autodl-motd` stands in .bashrc and prints disk use in every shell, as people's Dockerfiles that
#   take the line out again show (https://github.com/mayooot/grok-docker); conda's PATH is set in /etc/profile.
# - /etc/network_turbo exports a proxy when it is sourced. https://www.autodl.com/docs/network_turbo/
# - Variables and links of the panel are in /etc/profile.d/autodl.env.sh. conda here is a stand-in.
#: hostname autodl-container-{hex}
#: env AutoDLContainerUUID={hex}-autodl
#: env AutoDLRegion=west-B
#: env AutoDLService6006URL=https://u1-{hex}.westb.seetacloud.com:8443
#: disk /root/autodl-tmp
stand_in_conda /root/miniconda3
apt-get -q purge -y tmux
mkdir -p /root/autodl-tmp /root/autodl-pub
cat >/etc/autodl-motd <<'MOTD'
echo "+--------------------------------------------------AutoDL--------------------------------------------------------+"
echo "目录说明:"
printf '\033[0;32m╔═════════════════╦════════╦════╦═════════════════════════════════════════════════════════════════════════╗\033[0m\n'
echo "║目录             ║名称    ║速度║说明                                                                     ║"
echo "CPU ：$(nproc) 核心"
echo "系统盘/               ：$(df -h / | awk 'NR==2 {print $5}') "
MOTD
cat >/etc/network_turbo <<'TURBO'
export no_proxy=localhost,127.0.0.1,modelscope.com,aliyuncs.com,tencentyun.com,wisemodel.cn
export http_proxy=http://172.20.0.113:12798 && export https_proxy=http://172.20.0.113:12798
export REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
echo "设置成功"
TURBO
cat >/etc/profile.d/autodl.env.sh <<'ENV'
export AutoDLContainerUUID=autodl
export AutoDLAutoPanelToken=jupyter-autodl-canary
echo "AutoDL 环境已加载"
ENV
cat >>/etc/profile <<'RC'
PATH=/root/miniconda3/bin:/usr/local/bin:$PATH
RC
printf '%s\n' 'source /etc/profile' 'source /etc/autodl-motd' >>/root/.bashrc
