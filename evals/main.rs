//! Tasks in words, each with a server in front of a sandbox of its own, and checks that decide
//! whether a solver did what was asked. See README.md beside this file.
//!
//! `cargo run -p evals -- [--task ID]… [--solver CMD] [--json | --markdown]`

mod answer;
mod drive;
mod report;
mod scripted;
mod solver;
mod stand_in;
mod state;
mod task;
mod world;

use std::{error::Error, process::ExitCode, time::Duration};

use clap::Parser;

use crate::{drive::Limits, report::Report, solver::Solver};

/// A result whose error ends a task, or the whole run.
type Fallible<T> = Result<T, Box<dyn Error>>;

/// Runs the evaluation set.
#[derive(Debug, Parser)]
struct Options {
    /// Run only tasks whose ID begins with this; can be repeated
    #[arg(long = "task", value_name = "ID")]
    tasks: Vec<String>,
    /// A program that solves the tasks, started for each of them with `sh -c`; without it, the
    /// scripted solutions run
    #[arg(long, value_name = "CMD")]
    solver: Option<String>,
    /// The most calls that a solver may make for a task
    #[arg(long, default_value_t = 25, value_name = "N")]
    calls: usize,
    /// The most seconds that a solver may take for a task
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    seconds: u64,
    /// Print each task with its calls, as JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print a table for README.md
    #[arg(long)]
    markdown: bool,
    /// Print the words of the tasks, and run nothing
    #[arg(long)]
    list: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<ExitCode> {
    let options = Options::parse();
    let mut tasks = task::all()?;
    let is_wanted = |id: &str| options.tasks.iter().any(|wanted| id.starts_with(wanted.as_str()));
    tasks.retain(|task| options.tasks.is_empty() || is_wanted(&task.id));
    if tasks.is_empty() {
        return Err("no task has an ID that begins so; --list shows all".into());
    }
    if options.list {
        report::list(&tasks)?;
        return Ok(ExitCode::SUCCESS);
    }
    let limits = Limits { calls: options.calls, time: Duration::from_secs(options.seconds) };
    let mut reports: Vec<Report> = Vec::new();
    for task in &tasks {
        let solver = match &options.solver {
            Some(command) => Solver::start(command),
            None => scripted::solution(&task.id).map(Solver::Scripted),
        };
        let mut report = match solver {
            Ok(solver) => drive::run(task, solver, &limits).await,
            Err(error) => Report::broken(task, &*error),
        };
        if options.solver.is_none()
            && let Some(plain) = scripted::plain_solution(&task.id)?
        {
            let plain = drive::run(task, Solver::Scripted(plain), &limits).await;
            report.plain = Some(Box::new(plain));
        }
        if !options.json && !options.markdown {
            report.print()?;
        }
        reports.push(report);
    }
    match (options.json, options.markdown) {
        (true, _) => report::json(&reports)?,
        (_, true) => report::markdown(&reports)?,
        _ => report::totals(&reports)?,
    }
    let is_passed = reports.iter().all(Report::is_passed);
    Ok(if is_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
