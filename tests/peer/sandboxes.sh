# sandboxes.sh - sourced: the sandboxes that an SDK is tried on, their samples and certificates, in $work. `main` answers
# and calls its webhooks on $hook_port, signed with $hook_secret; `failing` lets all jobs fail; `narrow` takes one POST a
# minute. All take the key $key alone and speak TLS; $work/ca.pem has whom to trust.

key=peer-key hook_secret='whsec_Zürich-42'
declare -A started

finish() {
    local pid
    for pid in "${started[@]}" ${front_pid:-}; do
        kill "$pid" 2>/dev/null && wait "$pid"
    done
    rm -rf "$work"
}

# start NAME COMMAND...: an address in $work/NAME.
start() {
    local name=$1
    shift
    "$@" --quiet --key $key --tls-cert "$work/ca.pem" --tls-key "$work/tls.key" >"$work/$name" &
    started[$name]=$!
    until [ -s "$work/$name" ]; do
        kill -0 "${started[$name]}" 2>/dev/null || exit 1
        sleep 0.1
    done
}

host() { sed -n '1s|^listening on https://||p' "$work/$1"; }

# sandboxes_begin COMMAND...
sandboxes_begin() {
    local hooks=aaaaaaaa-1111-4111-8111-0000000e000
    work=$(mktemp -d) || exit 1
    trap finish EXIT
    command -v openssl >/dev/null || skip "there is no openssl"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/tls.key" -out "$work/ca.pem" 2>/dev/null || exit 1
    hook_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])') || exit 1
    local called=(--webhook "${hooks}1=http://127.0.0.1:$hook_port/one,$hook_secret" --webhook "${hooks}2=http://127.0.0.1:$hook_port/two,$hook_secret")
    "$@" --quiet --samples 8 "$work/samples" || exit 1
    start main "$@" --latency-median 1200ms "${called[@]}"
    start failing "$@" --latency-median 300ms --fail-rate 1 "${called[@]}"
    start narrow "$@" --post-per-minute 1
}

# start_front NAME: nghttpx before that sandbox, at $front; empty where there is none.
start_front() {
    local port
    front=
    command -v nghttpx >/dev/null || return 0
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    nghttpx --frontend="127.0.0.1,$port" --backend="$(host "$1" | tr : ,);;tls" --insecure --workers=1 --single-process \
        --accesslog-file="$work/front.log" --errorlog-file=/dev/null --conf=/dev/null "$work/tls.key" "$work/ca.pem" >/dev/null 2>&1 &
    front_pid=$!
    for _ in {1..100}; do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        sleep 0.1
    done
    front=127.0.0.1:$port
}

# They end by themselves when they are told to.
sandboxes_end() {
    local name status
    [ -z "${front_pid:-}" ] || { kill "$front_pid" && wait "$front_pid"; front_pid=; }
    for name in "${!started[@]}"; do
        kill "${started[$name]}" && wait "${started[$name]}"
        status=$?
        unset "started[$name]"
        [ $status -eq 0 ] || {
            echo "failed: the sandbox '$name' ended with $status"
            exit 1
        }
    done
}
