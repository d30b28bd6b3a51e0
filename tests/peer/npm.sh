# npm.sh - sourced: npm's packages in a directory of their own. Ends the script: 77 where npm can't be reached, 1 where
# it fails otherwise.

skip() {
    echo "skipped: $1"
    exit 77
}

# npm_begin DIRECTORY
npm_begin() {
    command -v npm >/dev/null || skip "there is no npm"
    mkdir -p "$1" || exit 1
    [ -f "$1/package.json" ] || echo '{"private": true}' >"$1/package.json"
}

# npm_install DIRECTORY PACKAGE...: npm's own words are shown only if it fails for another reason than the network.
npm_install() {
    local directory=$1 log=$1/install.log
    shift
    npm install --fetch-retries=1 --fetch-retry-mintimeout=1000 --prefix "$directory" --no-audit --no-fund --no-save --loglevel=error "$@" >"$log" 2>&1 && return
    npm view --fetch-retries=0 --prefix "$directory" "$1" version >/dev/null 2>&1 || skip "npm can't reach its registry"
    cat "$log"
    echo "failed: npm install $*"
    exit 1
}
