//! How an MCP client starts the program, by the arguments and the variables of its entry.

use std::{ffi::OsString, path::PathBuf};

use super::{
    Command, CommandLine, ConfigError, Flaw, Given,
    environment::{check_names, holds_key, variables},
    error::InvalidValue,
    inspect::said,
    line, parse, rule,
    secret::{KEY, SECRETS},
    values,
};
use clerk_api::SecretKey;

/// What an entry asks for, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// What is wrong with its arguments, as a clause that repeats no secret.
    pub arguments: Option<String>,
    /// What is wrong with its variables, each as such a clause.
    pub variables: Vec<String>,
    /// The profile that it names.
    pub profile: Option<String>,
    /// The file of profiles that it names.
    pub profiles_file: Option<PathBuf>,
    /// Whether it uses the sandbox.
    pub is_sandboxed: bool,
    /// Whether it says where the key is, other than by a profile.
    pub has_key: bool,
    /// The file that it says the key is in.
    pub key_file: Option<PathBuf>,
    /// Whether it asks for reads only and allows writes too.
    pub contradicts: bool,
}

impl Start {
    /// Reads an entry. The values of variables that the client fills in must be left out, and so
    /// must all arguments if it fills in some. Our own environment isn't looked at.
    #[must_use]
    pub fn read(args: &[String], env: &[(String, String)]) -> Self {
        let mut start = Self::default();
        let mut words = vec!["clerk-mcp".to_owned()];
        for (name, value) in env {
            match start.variable(name, value) {
                Ok(Some(word)) if !is_given(args, &word) => words.push(word),
                Ok(_) => {}
                Err(mistake) => start.variables.push(mistake),
            }
        }
        words.extend(args.iter().cloned());
        match read(&words) {
            Ok(line) => start.take(&line),
            Err(mistake) => start.arguments = Some(mistake),
        }
        start
    }

    fn take(&mut self, line: &CommandLine) {
        if !matches!(line.command, None | Some(Command::Stdio)) {
            self.arguments = Some(
                "they run another command than `stdio`, and only that speaks MCP with a client that \
                 starts it; remove the command"
                    .to_owned(),
            );
        }
        let options = &line.options;
        let selection = options.guard.selection();
        if let Err(wrong) = selection.check() {
            let list = wrong.list.replace('_', "-");
            self.arguments = Some(format!("--{list}: {}", wrong.source));
        }
        self.contradicts = selection.read_only && selection.allow_writes;
        self.is_sandboxed = options.sandbox.sandbox;
        self.profile = options.profile.name().map(str::to_owned);
        self.profiles_file = options.profile.file();
    }

    /// Checks a variable. Returns the argument that says the same, if it is an option's and that
    /// isn't off.
    fn variable(&mut self, name: &str, value: &str) -> Result<Option<String>, String> {
        let bare = name.trim_matches(|c: char| c == '=' || c.is_whitespace());
        if bare != name && variables().any(|known| known == bare) {
            return Err(format!("the name of the variable {bare} has `=` or white space in it"));
        }
        check_names(std::iter::once(name.to_owned())).map_err(|error| error.to_string())?;
        let flawed = |flaw| ConfigError::Value { name: name.to_owned(), flaw }.to_string();
        if let Some(secret) =
            SECRETS.iter().find(|it| [it.name, it.file, it.command].contains(&name))
        {
            self.has_key |= secret.name == KEY.name;
            let check = if secret.command == name { rule::check_command } else { rule::check };
            check(value).map_err(flawed)?;
            if name == KEY.name {
                let invalid =
                    |source| ConfigError::Key { name: name.to_owned(), source }.to_string();
                SecretKey::parse(value).map_err(invalid)?;
            }
            if name == KEY.file {
                self.key_file = rule::path(value).ok();
            }
            return Ok(None);
        }
        let all = line::all();
        let option = all.iter().find(|option| option.get_env().is_some_and(|env| env == name));
        let Some((option, long)) = option.and_then(|option| Some((option, option.get_long()?)))
        else {
            return Ok(None);
        };
        let long = format!("--{long}");
        if !option.get_action().takes_values() {
            let invalid = |reason: InvalidValue| Flaw::Invalid {
                value: value.to_owned(),
                reason: reason.to_string(),
            };
            rule::check(value).map_err(flawed)?;
            let is_on = values::switch(value).map_err(invalid).map_err(flawed)?;
            return Ok(is_on.then_some(long));
        }
        let word = format!("{long}={value}");
        let words = ["clerk-mcp".to_owned(), word.clone()];
        read(&words).map_err(|mistake| mistake.replace(&long, name))?;
        Ok(Some(word))
    }
}

fn is_given(args: &[String], word: &str) -> bool {
    let option = word.split('=').next();
    args.iter().any(|word| word.split('=').next() == option)
}

/// Reads a command line without the environment.
fn read(words: &[String]) -> Result<CommandLine, String> {
    if words.iter().any(|word| holds_key(word)) {
        return Err(ConfigError::KeyOnCommandLine.to_string());
    }
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    let given = Given::read(line::without_variables(line::lenient()), &words, None);
    let given = given.map_err(|error| error.to_string())?;
    parse(line::without_variables, &words, &given).map_err(|error| match error.kind() {
        clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion => {
            "they print the help or the version in place of a start; remove them".to_owned()
        }
        _ => said(&error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(args: &[&str], env: &[(&str, &str)]) -> Start {
        let args: Vec<String> = args.iter().map(|word| (*word).to_owned()).collect();
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Start::read(&args, &env.iter().map(pair).collect::<Vec<_>>())
    }

    /// Variables with their values.
    type Variables<'a> = &'a [(&'a str, &'a str)];

    #[test]
    fn an_entry_is_read_as_the_start_would_read_it() {
        let whole = start(
            &["--profile", "dev", "--read-only"],
            &[("CLERK_MCP_ALLOW_WRITES", "true"), ("CLERK_SECRET_KEY_FILE", "/k"), ("PATH", "x")],
        );
        assert_eq!((&whole.arguments, &whole.variables), (&None, &Vec::new()));
        assert_eq!(whole.profile.as_deref(), Some("dev"));
        assert!(whole.contradicts && whole.has_key && !whole.is_sandboxed);
        assert_eq!(whole.key_file, Some("/k".into()));
        assert!(start(&["--sandbox"], &[("CLERK_MCP_SANDBOX", "false")]).is_sandboxed);
    }

    #[test]
    fn each_mistake_in_an_entry_is_named_and_no_secret_is_repeated() {
        let cases: [(&[&str], Variables, &str); 14] = [
            (&["--readonly"], &[], "--readonly"),
            (&["--timeout", "0"], &[], "from 1 to 30"),
            (&["--profile==dev"], &[], "--profile begins with `=`"),
            (&["--toolsets", "user"], &[], "did you mean `users`?"),
            (&["http"], &[], "only that speaks MCP"),
            (&["--version"], &[], "print the help or the version"),
            (&["--secret-key", "sk_test_hidden1234"], &[], "a Clerk key is on the command line"),
            (&[], &[("CLERK_MCP_READONLY", "true")], "did you mean CLERK_MCP_READ_ONLY?"),
            (&[], &[("CLERK_MCP_TIMEOUT", "0")], "CLERK_MCP_TIMEOUT has the invalid value `0`"),
            (&[], &[("CLERK_MCP_READ_ONLY", "maybe")], "it must be true or false"),
            (&[], &[("CLERK_SECRET_KEY", "=sk_test_hidden1234")], "begins with `=`"),
            (&[], &[("CLERK_SECRET_KEY", "\"sk_test_hidden1234\"")], "quotation marks"),
            (&[], &[("CLERK_SECRET_KEY", "pk_test_hidden1234")], "a publishable key"),
            (&[], &[("CLERK_SECRET_KEY=", "sk_test_hidden1234")], "has `=` or white space in it"),
        ];
        for (args, env, said) in cases {
            let Start { arguments, variables, .. } = start(args, env);
            let mistakes: Vec<String> = arguments.into_iter().chain(variables).collect();
            assert!(
                mistakes.len() == 1 && mistakes[0].contains(said),
                "{args:?} {env:?} {mistakes:?}"
            );
            assert!(!mistakes[0].contains("hidden"), "{mistakes:?}");
        }
    }
}
