# Whether the job `job` of the folder `d` runs, what it was started for, and how it ended.
# The session is looked for first: it ends after its status has been written.
tm has-session -t "=$job" 2>/dev/null && echo "job running"
for f in identity status; do [ -s "$d/$f" ] && echo "job $f $(head -n 1 "$d/$f")"; done
:
