# All requests succeed, at least one of them by a retry, and the metrics say so. Then: does the injector answer?
sidecar=${SIDECAR:-127.0.0.1:15101}
telemetry=${SIDECAR_TELEMETRY:-127.0.0.1:15190}

fail() {
  echo "FAILED: $1" >&2
  exit 1
}

for number in 1 2 3 4 5 6 7 8; do
  status=$(curl -s -o /dev/null -w '%{http_code}' --max-time 10 -H 'Host: toy' "http://$sidecar/$number")
  [ "$status" = 200 ] || fail "request $number got $status, not 200: it was not tried again"
done
echo "ok: 8 requests to a service with one dead endpoint of two, 8 answers with 200"

metrics=$(curl -sf --max-time 10 "http://$telemetry/metrics") || fail "no metrics at http://$telemetry/metrics"
retries=$(echo "$metrics" | sed -n 's/^outrigger_retries_total{.*cause="unsent".*} //p' | head -n 1)
[ "${retries:-0}" -ge 1 ] 2>/dev/null || fail "outrigger_retries_total tells of no retry (${retries:-no such series})"
echo "ok: outrigger_retries_total says $retries"

if [ -n "$INJECTOR" ]; then
  status=$(curl -sk -o /dev/null -w '%{http_code}' --max-time 10 "$INJECTOR")
  [ "$status" != 000 ] || fail "nobody answers at $INJECTOR: see the injector's pods and events"
  echo "ok: the injector answers at $INJECTOR"
fi
