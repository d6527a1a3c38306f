# Installs clerk-mcp for Windows:
#   irm https://github.com/clerk-mcp/clerk-mcp/releases/latest/download/install.ps1 | iex
#
# $env:CLERK_MCP_INSTALL_TO    the folder for the binary; %LOCALAPPDATA%\Programs\clerk-mcp without it
# $env:CLERK_MCP_INSTALL_FROM  a URL with the release's files, such as a mirror's
$ErrorActionPreference = "Stop"

$from = if ($env:CLERK_MCP_INSTALL_FROM) { $env:CLERK_MCP_INSTALL_FROM } else { "https://github.com/clerk-mcp/clerk-mcp/releases/latest/download" }
$to = if ($env:CLERK_MCP_INSTALL_TO) { $env:CLERK_MCP_INSTALL_TO } else { Join-Path $env:LOCALAPPDATA "Programs\clerk-mcp" }
$work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
New-Item -ItemType Directory -Path $work | Out-Null
try {
    $sums = (Invoke-WebRequest -UseBasicParsing "$from/SHA256SUMS").Content
    if ($sums -is [byte[]]) { $sums = [Text.Encoding]::ASCII.GetString($sums) }
    # Windows on Arm runs x64 programs.
    $line = $sums -split "`n" | Where-Object { $_ -match "  clerk-mcp-.*-x86_64-pc-windows-gnu\.zip$" } | Select-Object -First 1
    if (-not $line) { throw "the release has no archive for Windows" }
    $sum, $archive = $line.Trim() -split "  "
    $file = Join-Path $work $archive
    Invoke-WebRequest -UseBasicParsing "$from/$archive" -OutFile $file
    if ((Get-FileHash -Algorithm SHA256 $file).Hash -ne $sum) { throw "$archive doesn't have the checksum that the release names" }
    Expand-Archive $file -DestinationPath $work
    New-Item -ItemType Directory -Force -Path $to | Out-Null
    $folder = Join-Path $work ($archive -replace "\.zip$", "")
    Move-Item -Force (Join-Path $folder "clerk-mcp.exe") $to
    Write-Output "installed $(Join-Path $to 'clerk-mcp.exe')"
    $path = [Environment]::GetEnvironmentVariable("Path", "User")
    if (($path -split ";") -notcontains $to) {
        [Environment]::SetEnvironmentVariable("Path", "$path;$to", "User")
        Write-Output "added $to to your Path; open a new terminal to use it"
    }
} finally {
    Remove-Item -Recurse -Force $work
}
