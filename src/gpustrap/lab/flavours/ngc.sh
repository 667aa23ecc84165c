# NVIDIA's NGC images: PIP_CONSTRAINT pins all that is installed, LD_LIBRARY_PATH, a torch in the system's Python
#
# - From 25.03 on, PIP_CONSTRAINT=/etc/pip/constraint.txt is in the image's environment.
#   https://docs.nvidia.com/deeplearning/frameworks/pytorch-release-notes/rel-25-03.html
# - torch lies in the system's dist-packages, as NVIDIA built it. Here it is a stand-in that says its version.
# The image's variables reach an ssh login by /etc/environment, as providers write them there.
#: env PIP_CONSTRAINT=/etc/pip/constraint.txt
#: env LD_LIBRARY_PATH=/usr/local/cuda/compat/lib:/usr/local/nvidia/lib:/usr/local/nvidia/lib64
#: env CUDA_HOME=/usr/local/cuda
#: env CUDA_VERSION=12.9.0.043
#: env NVIDIA_PYTORCH_VERSION=25.06
#: env PYTORCH_VERSION=2.8.0a0+5228986c39.nv25.6
#: env PIP_DEFAULT_TIMEOUT=100
apt_install python3-pip
mkdir -p /etc/pip /usr/local/cuda/compat/lib /usr/local/nvidia/lib /usr/local/nvidia/lib64
printf '%s\n' 'torch==2.8.0a0+5228986c39.nv25.6' 'numpy==1.26.4' 'setuptools==78.1.1' >/etc/pip/constraint.txt
stand_in_torch "$(python3 -c 'import site; print([p for p in site.getsitepackages() if p.startswith("/usr/local")][0])')" \
    2.8.0a0+5228986c39.nv25.6 12.9
for name in PIP_CONSTRAINT=/etc/pip/constraint.txt CUDA_HOME=/usr/local/cuda CUDA_VERSION=12.9.0.043 \
    LD_LIBRARY_PATH=/usr/local/cuda/compat/lib:/usr/local/nvidia/lib:/usr/local/nvidia/lib64 \
    NVIDIA_PYTORCH_VERSION=25.06 PIP_DEFAULT_TIMEOUT=100; do
    printf '%s\n' "$name" >>/etc/environment
done
rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
