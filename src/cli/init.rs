//! `init`: sets clerk-mcp up in the MCP clients on this machine, or takes it out again.

mod ask;
mod error;
mod key;
mod plan;

use std::process::ExitCode;

use clerk_mcp::{
    clients::{CLIENTS, Client, Entry, Machine, Server, adding, removing},
    config::{Config, InitOptions},
    setup::{Profiles, Program},
};

pub(crate) use self::error::InitError;
use self::{ask::Ask, key::Keyed, plan::Plan};
use super::{CliError, print};

/// Sets up, or takes out with `--remove`.
///
/// # Errors
/// What is asked for can't be done, or nobody answers. A client whose file can't be edited is named,
/// and the others are set up.
pub(crate) async fn run(config: &Config, options: &InitOptions) -> Result<ExitCode, CliError> {
    let machine = Machine::this().ok_or(InitError::NoHome)?;
    let ask = Ask::new(options)?;
    let plan = if options.remove {
        taking_out(config, options, &machine)
    } else {
        setting_up(config, options, &machine, &ask).await?
    };
    plan.print(&machine)?;
    if plan.is_none() {
        let is_done = if options.remove { "nothing to remove" } else { "everything is set up" };
        print::line(&format!("Nothing changes: {is_done}."))?;
    } else if options.dry_run {
        print::line("Nothing was written: this is a dry run.")?;
    } else {
        if !ask.agrees("Write these changes?").await? {
            return Err(InitError::Cancelled.into());
        }
        plan.write(&machine)?;
        plan.print_done()?;
    }
    if options.remove {
        print::lines(&kept(&machine))?;
    }
    Ok(if plan.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn setting_up(
    config: &Config,
    options: &InitOptions,
    machine: &Machine,
    ask: &Ask,
) -> Result<Plan, CliError> {
    let clients = choose(options, machine, ask).await?;
    let program = Program::this(machine).map_err(InitError::NoProgram)?;
    let mut plan = Plan { program: Some(program.clone()), ..Plan::default() };
    let (name, args) = if config.uses_sandbox() {
        ("clerk-sandbox".to_owned(), vec!["--sandbox".to_owned()])
    } else {
        let profiles = Profiles::read(&machine.folders).map_err(InitError::Profiles)?;
        let keyed = Keyed::find(options, &profiles, ask).await?;
        keyed.check(config).await?;
        let entry = profiles.entry_name(&keyed.profile);
        let args = vec!["--profile".to_owned(), keyed.profile.clone()];
        keyed.plan(config, &profiles, &mut plan)?;
        (entry, args)
    };
    let command = program.path.to_str().ok_or(InitError::OddPath)?.to_owned();
    let entry = Entry { name, command, args };
    for client in clients {
        plan.add(client, adding(client, machine, &entry));
    }
    Ok(plan)
}

fn taking_out(config: &Config, options: &InitOptions, machine: &Machine) -> Plan {
    let has = |server: &Server, words: &[&str]| {
        server.args.windows(words.len()).any(|args| args == words)
    };
    let chosen = |server: &Server| match &options.profile {
        _ if config.uses_sandbox() => has(server, &["--sandbox"]),
        Some(profile) => has(server, &["--profile", profile]),
        None => true,
    };
    let mut plan = Plan::default();
    let all = CLIENTS.iter().filter(|client| client.path(machine).exists());
    let clients: Vec<&Client> =
        if options.clients.is_empty() { all.collect() } else { options.clients.clone() };
    for client in clients {
        plan.add(client, removing(client, machine, &chosen).map(|(change, _)| change));
    }
    plan
}

/// What `--remove` doesn't touch.
fn kept(machine: &Machine) -> String {
    let own = print::short(&machine.folders.own(), &machine.folders.home);
    format!(
        "The profiles and keys in {own} stay. If nothing else uses a key, revoke it in the Clerk \
         Dashboard\nand delete its file."
    )
}

/// The clients to set up: those that are named, else those that are found and chosen.
async fn choose(
    options: &InitOptions,
    machine: &Machine,
    ask: &Ask,
) -> Result<Vec<&'static Client>, CliError> {
    if !options.clients.is_empty() {
        return Ok(options.clients.clone());
    }
    let found: Vec<&Client> =
        CLIENTS.iter().filter(|client| client.is_installed(machine)).collect();
    if found.is_empty() {
        return Err(InitError::NoClients.into());
    }
    print::line("MCP clients on this machine:")?;
    for (index, client) in found.iter().enumerate() {
        let path = print::short(&client.path(machine), &machine.folders.home);
        print::line(&format!("  {:>2}  {:<15} {path}", index + 1, client.name))?;
    }
    if !ask.can() {
        return Ok(found);
    }
    loop {
        let answer = ask.line("Set up which? Numbers such as 1,3, or Enter for all: ").await?;
        if let Some(chosen) = picked(&found, &answer) {
            return Ok(chosen);
        }
        print::error(&format_args!("write numbers from 1 to {}, such as 1,2", found.len()));
    }
}

fn picked(found: &[&'static Client], answer: &str) -> Option<Vec<&'static Client>> {
    let words = answer.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty());
    let mut numbers = words.map(|word| word.parse::<usize>().ok()).collect::<Option<Vec<_>>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        return Some(found.to_vec());
    }
    numbers.into_iter().map(|number| found.get(number.checked_sub(1)?).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_picked_by_their_numbers() {
        let found: Vec<&Client> = CLIENTS.iter().take(3).collect();
        let ids = |answer| {
            let picked = picked(&found, answer);
            picked.map(|clients| clients.iter().map(|client| client.id).collect::<Vec<_>>())
        };
        let all = ["claude-desktop", "claude-code", "cursor"];
        assert_eq!(ids("\n"), Some(all.to_vec()));
        assert_eq!(ids("3, 1 1\n"), Some(vec!["claude-desktop", "cursor"]));
        for bad in ["0", "4", "x", "1-2", "-1", "99999999999999999999"] {
            assert_eq!(ids(bad), None, "{bad}");
        }
    }
}
