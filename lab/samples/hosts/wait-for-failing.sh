# Waits until the health check at $HEALTH_URL answers that the release is failing (503), for at most 20 s.
status=
tries=0
while [ "$tries" -lt 200 ]; do
  status=$(curl --silent --max-time 2 --output /dev/null --write-out '%{http_code}' "$HEALTH_URL" || true)
  [ "$status" != 503 ] || exit 0
  tries=$((tries + 1))
  sleep 0.1
done
echo "$HEALTH_URL answers ${status:-nothing}; v0.2.0 should answer 503" >&2
exit 1
