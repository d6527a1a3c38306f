//! Which key, whence, and in which profile.

use clerk_api::SecretKey;
use clerk_mcp::{
    Caller, Clerk, Outcome, Server, ServerOptions, Settings,
    config::{Config, GivenKey, InitOptions, KeyOrigin, command_key},
    guard::Guard,
    setup::{KeySource, Profile, Profiles, default_name, key_in},
};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::{
    CliError, InitError,
    ask::{self, Ask},
    plan::{NewKey, Plan},
    print,
};

const ABOUT_KEYS: &str = "\
Create a secret key named clerk-mcp in the Clerk Dashboard, so that you can revoke it alone. The
Dashboard shows it only once: https://dashboard.clerk.com/last-active?path=api-keys";

/// A key with its place.
pub(super) struct Keyed {
    /// The profile that has it, or shall have it.
    pub(super) profile: String,
    /// The key, if it is known.
    key: Option<SecretKey>,
    /// Where it is already; else it is kept in the profile's own file.
    source: Option<KeySource>,
    /// Whether it replaces another one in that file.
    replaces: bool,
}

impl Keyed {
    /// The key that a variable gives, that standard input holds or that the person types; else that
    /// of a profile that is there.
    pub(super) async fn find(
        options: &InitOptions,
        profiles: &Profiles,
        ask: &Ask,
    ) -> Result<Self, CliError> {
        let known = options.profile.as_deref().or(profiles.default());
        let known = known.filter(|name| profiles.key_of(name).is_some()).map(ToOwned::to_owned);
        let given = match Config::given_key()? {
            Some(GivenKey { key, origin: KeyOrigin::File(path) }) => {
                Some((key, Some(KeySource::File(path))))
            }
            Some(GivenKey { key, origin: KeyOrigin::Command(command) }) => {
                Some((key, Some(KeySource::Command(command))))
            }
            Some(GivenKey { key, origin: KeyOrigin::Variable }) => Some((key, None)),
            None if ask.can() => typed(known.as_deref(), ask).await?.map(|key| (key, None)),
            None => {
                let text = ask::piped()?;
                let parsed = text.map(|text| SecretKey::parse(text.expose_secret()));
                parsed.transpose().map_err(InitError::Key)?.map(|key| (key, None))
            }
        };
        let Some((key, source)) = given else {
            let profile = known.ok_or(InitError::NoKey)?;
            let source = profiles.key_of(&profile);
            let key = source.as_ref().and_then(key_at);
            return Ok(Self { profile, key, source, replaces: false });
        };
        let profile = options.profile.clone().unwrap_or_else(|| default_name(&key).to_owned());
        let before = profiles.key_of(&profile);
        let there =
            before.as_ref().and_then(key_at).or_else(|| key_in(&profiles.key_file(&profile)));
        let is_same = there.as_ref().is_some_and(|there| fingerprint(there) == fingerprint(&key));
        if is_same && source.is_none() {
            // It is kept already.
            return Ok(Self { profile, key: Some(key), source: before, replaces: false });
        }
        let replaces = !is_same && (there.is_some() || before.is_some());
        if replaces {
            let question = format!("The profile `{profile}` has another key. Replace it?");
            if !ask.can() || !ask.agrees(&question).await? {
                return Err(InitError::OtherKey(profile).into());
            }
        }
        Ok(Self { profile, key: Some(key), source, replaces })
    }

    /// Tries the key with a read, and says which instance it is of.
    pub(super) async fn check(&self, config: &Config) -> Result<(), CliError> {
        let Some(key) = &self.key else { return Ok(()) };
        let settings = Settings { key: Ok(key.clone()), ..config.clerk() };
        let server = Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()));
        let call = server.call("clerk_whoami", Map::new(), Caller::default());
        let outcome = ask::until_stopped(call).await??;
        let about = match outcome {
            Outcome::Done(about) | Outcome::Failed(about) => about,
            Outcome::NeedsApproval { .. } => Value::Null,
        };
        let text = |field: &str| about.get(field).and_then(Value::as_str);
        if let Some(problem) = text("problem") {
            return Err(InitError::Refused(problem.to_owned()).into());
        }
        let Some(id) = text("instanceId") else {
            return Err(InitError::Refused("it sent no instance".to_owned()).into());
        };
        let kind = text("environmentType").unwrap_or(key.kind());
        print::line(&format!("The key works: a {} key of the {kind} instance {id}.", key.kind()))
    }

    /// What is to be written for it.
    pub(super) fn plan(
        &self,
        config: &Config,
        profiles: &Profiles,
        plan: &mut Plan,
    ) -> Result<(), CliError> {
        let file = profiles.key_file(&self.profile);
        let source = self.source.clone().unwrap_or_else(|| KeySource::File(file.clone()));
        if let (None, Some(key)) = (&self.source, &self.key) {
            let is_there =
                key_in(&file).is_some_and(|there| fingerprint(&there) == fingerprint(key));
            if !is_there {
                plan.key = Some(NewKey { path: file, key: key.clone(), replaces: self.replaces });
            }
        }
        let mut options: Vec<(&'static str, Value)> = Vec::new();
        let decides =
            ["read_only", "allow_writes"].iter().any(|name| profiles.says(&self.profile, name));
        let is_live = self.key.as_ref().is_some_and(SecretKey::is_live);
        match config.given_writes() {
            (true, _) => options.push(("read_only", json!(true))),
            (false, true) => {
                options.extend([("read_only", json!(false)), ("allow_writes", json!(true))]);
            }
            (false, false) if is_live && !decides => {
                options.push(("read_only", json!(true)));
                plan.notes.push(format!(
                    "This is a production key, so the profile `{0}` is read-only. To let agents \
                     write, run\n`clerk-mcp init --profile {0} --allow-writes`.",
                    self.profile
                ));
            }
            (false, false) => {}
        }
        if config.is_given("api_url") {
            options.push(("api_url", json!(config.clerk().api.base_url.as_str())));
        }
        let profile = Profile { name: self.profile.clone(), key: source, options };
        plan.profiles = Some(profiles.putting(&profile).map_err(InitError::Profiles)?);
        Ok(())
    }
}

/// The key that the person types; `None` if they keep that of the profile there is.
async fn typed(known: Option<&str>, ask: &Ask) -> Result<Option<SecretKey>, CliError> {
    print::lines(ABOUT_KEYS)?;
    let question = match known {
        Some(name) => format!("Secret key, or Enter for that of the profile {name} (not shown): "),
        None => "Secret key (not shown): ".to_owned(),
    };
    loop {
        let text = ask.secret(&question).await?;
        if text.expose_secret().is_empty() && known.is_some() {
            return Ok(None);
        }
        match SecretKey::parse(text.expose_secret()) {
            Ok(key) => return Ok(Some(key)),
            Err(error) => print::error(&InitError::Key(error)),
        }
    }
}

/// The key that a profile has.
fn key_at(source: &KeySource) -> Option<SecretKey> {
    match source {
        KeySource::File(path) => key_in(path),
        KeySource::Command(command) => command_key(command),
    }
}

fn fingerprint(key: &SecretKey) -> String {
    key.fingerprint()
}
