# `service` is started, as `begin` says it.
begin "$ending"
