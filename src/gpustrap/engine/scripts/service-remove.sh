# `service` is not wanted any more: it is ended with all that it started, its files in `folder` go, and what is kept of it
# in `units`.
awake || exit
stop "$service"
rm -rf -- "${folder:?}/${service:?}" "${units:?}/${service:?}"
