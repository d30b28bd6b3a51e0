# sdk.sh - sourced: makes Mindee's Node SDK ready below $cache, and $node a Node that is new enough for it. What npm
# installs is used again. Ends the script: 77 where npm can't be reached, 1 where it fails otherwise.
sdk='mindee@5'
node_major=20

. "$(dirname "${BASH_SOURCE[0]}")/npm.sh"
npm_begin "$cache"

packages=()
[ -f "$cache/node_modules/mindee/package.json" ] || packages+=("$sdk")
node=$(command -v node)
if [ "$("$node" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -lt $node_major ]; then
    # The system's is too old for the SDK: npm's package `node` brings one.
    node=$cache/node_modules/node/bin/node
    [ -x "$node" ] || packages+=("node@$node_major")
fi
# One call for all: npm without a saved list takes away what isn't named.
[ ${#packages[@]} -eq 0 ] || npm_install "$cache" "$sdk" $([ "$node" = "$cache/node_modules/node/bin/node" ] && echo "node@$node_major")
"$node" --version >/dev/null 2>&1 || {
    echo "failed: $node doesn't run"
    exit 1
}
