# Starts the API server. Its arguments are the command; it keeps the last line of the output.

# Pebble takes a service that ends within a second for one that can't be started, and gives up.
sleep 1.1

# The first server brings the database into shape, and a second one beside it would be in its way. So
# unit 0 starts at once, and others when some server answers; after ten minutes in any case, since
# unit 0 may be gone while the database is as it should be.
if [[ $HOSTNAME != *-0 ]]; then
    for _ in $(seq "${WAIT_ATTEMPTS:-300}"); do
        if (: >"/dev/tcp/$WAIT_HOST/$WAIT_PORT") 2>/dev/null; then break; fi
        sleep "${WAIT_INTERVAL:-2}"
    done
fi

exec "$@" > >(tee >(tail -n 1 >"$LAST_OUTPUT")) 2>&1
