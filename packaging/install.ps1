# Installs clerk-mcp for Windows:
#   irm https://github.com/clerk-mcp/clerk-mcp/releases/latest/download/install.ps1 | iex
#
# $env:CLERK_MCP_INSTALL_TO    the folder for the binary; %LOCALAPPDATA%\Programs\clerk-mcp without it
# $env:CLERK_MCP_INSTALL_FROM  a URL with the release's files, such as a mirror's

# A block of its own: nothing that it sets stays in the terminal.
& {
    $ErrorActionPreference = "Stop"
    # Windows PowerShell downloads many times slower while it draws its progress.
    $ProgressPreference = "SilentlyContinue"

    $from = if ($env:CLERK_MCP_INSTALL_FROM) { $env:CLERK_MCP_INSTALL_FROM } else { "https://github.com/clerk-mcp/clerk-mcp/releases/latest/download" }
    $to = if ($env:CLERK_MCP_INSTALL_TO) { $env:CLERK_MCP_INSTALL_TO } else { Join-Path $env:LOCALAPPDATA "Programs\clerk-mcp" }
    $work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
    New-Item -ItemType Directory -Path $work | Out-Null
    try {
        $list = Join-Path $work "SHA256SUMS"
        Invoke-WebRequest -UseBasicParsing "$from/SHA256SUMS" -OutFile $list
        # Windows on Arm runs x64 programs.
        $line = Get-Content $list | Where-Object { $_ -match "  clerk-mcp-.*-x86_64-pc-windows-gnu\.zip$" } | Select-Object -First 1
        if (-not $line) { throw "the release has no archive for Windows" }
        $sum, $archive = $line.Trim() -split "  "
        $file = Join-Path $work $archive
        Invoke-WebRequest -UseBasicParsing "$from/$archive" -OutFile $file
        if ((Get-FileHash -Algorithm SHA256 $file).Hash -ne $sum) { throw "$archive doesn't have the checksum that the release names" }
        Expand-Archive $file -DestinationPath $work
        New-Item -ItemType Directory -Force -Path $to | Out-Null
        Move-Item -Force (Join-Path $work ($archive -replace "\.zip$", "\clerk-mcp.exe")) $to
        Write-Output "installed $(Join-Path $to 'clerk-mcp.exe')"
        # By the registry, which keeps variables such as %USERPROFILE% in the other entries.
        $path = (Get-Item HKCU:\Environment).GetValue("Path", "", "DoNotExpandEnvironmentNames")
        if (($path -split ";") -notcontains $to) {
            $entries = @($path -split ";" | Where-Object { $_ }) + $to
            Set-ItemProperty HKCU:\Environment -Name Path -Type ExpandString -Value ($entries -join ";")
            # Any change by this call tells running programs to read the variables again.
            [Environment]::SetEnvironmentVariable("CLERK_MCP_INSTALLING", "1", "User")
            [Environment]::SetEnvironmentVariable("CLERK_MCP_INSTALLING", [NullString]::Value, "User")
            Write-Output "added $to to your Path; open a new terminal to use it"
        }
    } finally {
        Remove-Item -Recurse -Force $work
    }
}
