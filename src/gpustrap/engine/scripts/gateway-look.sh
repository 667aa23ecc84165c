# Prints "loaded IDENTITY" where the gateway's nginx runs.
master | sed -n 's/^[0-9]* /loaded /p'
