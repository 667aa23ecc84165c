"""Where the role `python` puts uv, which roles that use it have to know."""

UV = "/usr/local/bin/uv"
