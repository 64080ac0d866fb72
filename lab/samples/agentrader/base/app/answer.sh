#!/bin/sh
# Answers one HTTP request on standard input and output.
IFS=' ' read -r _ path _
while IFS= read -r header && [ ${#header} -gt 1 ]; do :; done

answer() {
  printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' "$1" $((${#2} + 1)) "$2"
}

read -r status reason </tmp/agentrader.state
case $path:$status in
  /health:ok) answer '200 OK' "{\"status\":\"ok\",\"version\":\"$AGENTRADER_VERSION\"}" ;;
  /health:*) answer '503 Service Unavailable' "{\"status\":\"failing\",\"reason\":\"$reason\",\"version\":\"$AGENTRADER_VERSION\"}" ;;
  *) answer '404 Not Found' '{"error":"not found"}' ;;
esac
