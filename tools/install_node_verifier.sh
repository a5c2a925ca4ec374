#!/usr/bin/env bash
# Installs the second C2PA verifier that tests use (TypeScript) under tests/support/node.
set -euo pipefail
cd "$(dirname "$0")/../tests/support/node"
if ! command -v npm >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  # A node from elsewhere brings its own npm and does not go together with Debian's.
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends nodejs npm >/dev/null
fi
npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts
