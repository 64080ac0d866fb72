#!/bin/sh
# aGENtrader: looks at the market every few seconds and answers GET /health on port 8000.
set -u

state=/tmp/agentrader.state
log=/app/logs/agentrader.log
interval_s=2
indicators=sma
while IFS='=' read -r key value; do
  case $key in
    interval_s) interval_s=$value ;;
    indicators) indicators=$value ;;
  esac
done </app/config/trading.conf

say() {
  line="$(date -u +%Y-%m-%dT%H:%M:%SZ) $1 $2"
  echo "$line"
  echo "$line" >>"$log" || true
}

# One look at the market. The state file is replaced whole, so that a probe never reads half of it.
look() {
  if [ -z "${EXCHANGE_API_KEY:-}" ]; then
    reason='market data refused: EXCHANGE_API_KEY is not set'
    say ERROR "$reason"
    printf 'failing %s\n' "$reason" >"$state.new"
  else
    say INFO "looked at ${TRADING_PAIR:-BTC/USDT} with $indicators"
    printf 'ok\n' >"$state.new"
  fi
  mv "$state.new" "$state"
}

trap 'kill "${server:-}" 2>/dev/null; say INFO "agentrader $AGENTRADER_VERSION stops"; exit 0' TERM INT

say INFO "agentrader $AGENTRADER_VERSION starts"
look
nc -ll -p 8000 -e /app/answer.sh &
server=$!
while kill -0 "$server" 2>/dev/null; do
  # In the background, so that a signal is not kept waiting for the sleep.
  sleep "$interval_s" &
  wait $!
  look
done
say ERROR 'the health server ended'
exit 1
