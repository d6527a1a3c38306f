#!/bin/sh
# Installs clerk-mcp for Linux or macOS:
#   curl -fsSL https://github.com/clerk-mcp/clerk-mcp/releases/latest/download/install.sh | sh
#
# CLERK_MCP_INSTALL_TO    the folder for the binary; ~/.local/bin without it
# CLERK_MCP_INSTALL_FROM  a URL with the release's files, such as a mirror's
set -eu

fail() {
    printf 'clerk-mcp: %s\n' "$1" >&2
    exit 1
}

install() {
    from=${CLERK_MCP_INSTALL_FROM:-https://github.com/clerk-mcp/clerk-mcp/releases/latest/download}
    to=${CLERK_MCP_INSTALL_TO:-$HOME/.local/bin}

    case "$(uname -s)" in
        Linux) system=unknown-linux-musl ;;
        Darwin) system=apple-darwin ;;
        *) fail "there is no binary for $(uname -s); on Windows use install.ps1" ;;
    esac
    case "$(uname -m)" in
        x86_64 | amd64) cpu=x86_64 ;;
        aarch64 | arm64) cpu=aarch64 ;;
        *) fail "there is no binary for $(uname -m); build it with: cargo install clerk-mcp" ;;
    esac

    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    curl -fsSL "$from/SHA256SUMS" -o "$work/SHA256SUMS" || fail "$from can't be reached"
    archive=$(sed -n "s/^[0-9a-f]*  \(clerk-mcp-.*-$cpu-$system\.tar\.gz\)\$/\1/p" "$work/SHA256SUMS")
    [ -n "$archive" ] || fail "the release has no archive for $cpu-$system"
    curl -fsSL "$from/$archive" -o "$work/$archive" || fail "$archive can't be downloaded"

    if command -v sha256sum > /dev/null; then
        sum=$(sha256sum < "$work/$archive")
    else
        sum=$(shasum -a 256 < "$work/$archive")
    fi
    grep -q "^${sum%% *}  $archive\$" "$work/SHA256SUMS" || fail "$archive doesn't have the checksum that the release names"

    tar -xzf "$work/$archive" -C "$work"
    mkdir -p "$to"
    mv "$work/${archive%.tar.gz}/clerk-mcp" "$to/clerk-mcp"
    printf 'installed %s/clerk-mcp\n' "$to"
    case ":$PATH:" in
        *":$to:"*) ;;
        *) printf 'add %s to your PATH, or name the whole path in the configuration of your client\n' "$to" ;;
    esac
}

# A download that broke off runs nothing.
install
