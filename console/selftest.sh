#!/bin/bash
# Starts the real server, asks for what a browser asks for first, and stops it; fails if that fails.
set -euo pipefail

# A port of its own, because a build may share the network of its machine.
port=$((20000 + RANDOM % 10000))
sed "s/listen 8080;/listen 127.0.0.1:$port;/" /etc/nginx/nginx.conf >/tmp/selftest.conf

fail() {
  echo "selftest: FAILED: $*"
  exit 1
}

ask() { # prints the response to GET $1
  exec 3<>/dev/tcp/127.0.0.1/$port || return
  printf 'GET %s HTTP/1.0\r\nAccept: text/html\r\n\r\n' "$1" >&3
  cat <&3
}

expect() { # the response to GET $1 contains $2
  local answer
  answer=$(ask "$1") || fail "nginx does not answer"
  [[ $answer == *"$2"* ]] || fail "GET $1 has no $2: ${answer:0:600}"
}

script=$(grep -o 'assets/[^"]*\.js' /srv/site/index.html | head -1) || fail "the site has no console"

# Through a pipe of this user, because nginx opens its output anew.
nginx -c /tmp/selftest.conf > >(cat) 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in {1..100}; do
  (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && break
  sleep 0.1
done
expect / '200 OK'
expect / "$script"
expect /sessions "$script"
expect /sessions "content-security-policy: default-src 'self'"
expect "/$script" 'max-age=31536000, immutable'
expect /docs 'reference of the API'
expect /openapi.yaml 'application/yaml'
expect /api/v5/nothing '404 Not Found'
kill "$server"
wait "$server"
echo "selftest: this is coditect's frontend, and it works"
