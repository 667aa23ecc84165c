# `service` is not wanted any more: it is ended with all that it started, and its files in `folder` go.
stop "$service"
rm -rf -- "${folder:?}/${service:?}"
