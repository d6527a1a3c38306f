//! The entry of a server, in the form of each client.

use serde_json::{Map, Value, json};

use super::Server;

/// How a client starts clerk-mcp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The server's name in the client.
    pub name: String,
    /// The program, by its absolute path: a graphical client doesn't have the user's `PATH`.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
}

/// The fields of a client's entry.
#[derive(Debug)]
pub(super) struct Form {
    /// Fields that say the same for each server that is started.
    pub(super) fixed: &'static [(&'static str, Fixed)],
    /// The program.
    pub(super) command: &'static str,
    /// The arguments. Without such a field they follow the program in its own.
    pub(super) args: Option<&'static str>,
    /// The variables.
    pub(super) env: &'static str,
    /// The address of a server that runs already: the names that the client reads.
    pub(super) urls: &'static [&'static str],
    /// The headers for that address.
    pub(super) headers: &'static [&'static str],
}

/// The value of a field that doesn't depend on the server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fixed {
    Text(&'static str),
    True,
    Number(u32),
    /// The server's name.
    Name,
}

impl Form {
    fn write(&self, entry: &Entry) -> Map<String, Value> {
        let fixed = self.fixed.iter().map(|(name, value)| {
            let value = match value {
                Fixed::Text(text) => json!(text),
                Fixed::True => json!(true),
                Fixed::Number(number) => json!(number),
                Fixed::Name => json!(entry.name),
            };
            ((*name).to_owned(), value)
        });
        let mut fields: Map<String, Value> = fixed.collect();
        if let Some(args) = self.args {
            fields.insert(self.command.to_owned(), json!(entry.command));
            fields.insert(args.to_owned(), json!(entry.args));
        } else {
            let parts: Vec<&String> = [&entry.command].into_iter().chain(&entry.args).collect();
            fields.insert(self.command.to_owned(), json!(parts));
        }
        fields
    }

    /// The entry over what is there: other fields stay, such as those that turn single tools off. An
    /// address doesn't, nor does a variable that holds the key: it would win over the profile.
    pub(super) fn merged(&self, there: Option<&Value>, entry: &Entry) -> Value {
        let mut fields = there.and_then(Value::as_object).cloned().unwrap_or_default();
        for url in self.urls {
            fields.shift_remove(*url);
        }
        if let Some(Value::Object(env)) = fields.get_mut(self.env) {
            env.retain(|name, _| !name.starts_with("CLERK_SECRET_KEY"));
            if env.is_empty() {
                fields.shift_remove(self.env);
            }
        }
        fields.extend(self.write(entry));
        Value::Object(fields)
    }

    /// The entry with another program; `None` if it names none.
    pub(super) fn with_command(&self, mut entry: Value, command: &str) -> Option<Value> {
        match entry.get_mut(self.command)? {
            Value::Array(words) => *words.first_mut()? = json!(command),
            program => *program = json!(command),
        }
        Some(entry)
    }

    /// The server that an entry describes; `None` if it isn't an object.
    pub(super) fn read(&self, name: &str, value: &Value) -> Option<Server> {
        let fields = value.as_object()?;
        let texts = |name: &str| -> Vec<String> {
            match fields.get(name) {
                Some(Value::String(text)) => vec![text.clone()],
                Some(Value::Array(list)) => {
                    list.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
                }
                _ => Vec::new(),
            }
        };
        let mut words = texts(self.command).into_iter();
        let command = words.next();
        let args = words.chain(self.args.map(texts).unwrap_or_default()).collect();
        let pair = |(name, value): (&String, &Value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            (name.clone(), value)
        };
        let pairs = |name: &str| -> Vec<(String, String)> {
            let object = fields.get(name).and_then(Value::as_object);
            object.into_iter().flatten().map(pair).collect()
        };
        Some(Server {
            name: name.to_owned(),
            command,
            args,
            env: pairs(self.env),
            url: self.urls.iter().find_map(|url| Some(fields.get(*url)?.as_str()?.to_owned())),
            headers: self.headers.iter().flat_map(|name| pairs(name)).collect(),
        })
    }
}
