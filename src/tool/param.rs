//! Parameters of tools, as data: what an argument is called, what it may hold, where it goes and
//! whom it makes a call about.

mod build;

use std::fmt;

pub(crate) use self::build::*;
use super::kind::Kind;

/// One argument of a tool, or one property of an object that an argument holds.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own")]
pub(crate) struct Param {
    /// Clerk's name, in snake_case. Agents see it in camelCase.
    pub(crate) wire: &'static str,
    /// What it may hold.
    pub(crate) ty: Type,
    /// What a model reads of it. Empty if it is not described yet.
    pub(crate) about: &'static str,
    /// Whether a call without it is refused.
    pub(crate) required: bool,
    /// Whether it can be cleared, and how.
    pub(crate) clear: Clear,
    /// Whether it is a password, a key or the like: never shown and never logged.
    pub(crate) secret: bool,
    /// Whether Clerk checks the whole form of its id, not only the characters.
    pub(crate) exact: bool,
    /// Whether a call that gives it needs a person's approval, though its tool does not.
    pub(crate) sensitive: bool,
    /// What Clerk takes if it is not given.
    pub(crate) default: Literal,
    /// Where it goes.
    pub(crate) place: Place,
    /// What this server itself does with it.
    pub(crate) role: Role,
    /// Of a filter with several values: where a row has what they are, by the names at Clerk. A
    /// value that no row has is named in `notFound`. Empty if rows don't show it.
    pub(crate) matches: &'static [&'static str],
}

/// What an argument is sent as if it is named in `clear`. Nothing else clears it: clients fill
/// arguments with null, `""` and `{}` that nobody wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clear {
    /// It can't be cleared.
    Never,
    Null,
    /// An empty object, list or text.
    Empty,
}

/// A default value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    /// There is none.
    None,
    Integer(i64),
    Text(&'static str),
}

/// Where an argument goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into the placeholder of its name in the path.
    Path,
    /// Into the query; of a list, the key is repeated for each value.
    Query,
    /// Into the query, as one value with commas.
    QueryComma,
    /// Into the query, an object's members as `name[key]=value` each.
    QueryMembers,
    /// Into the JSON body, as the field of its name.
    Body,
    /// It is the JSON body itself.
    WholeBody,
    /// Nowhere: it is this server's own.
    Local,
}

/// What this server itself does with an argument, beyond sending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing.
    None,
    /// It narrows a list, so a list that is too long suggests it.
    Filter,
    /// How many rows a page has.
    Limit,
    /// How many rows are skipped.
    Offset,
    /// The order of a list.
    Order,
    /// The id of the row after which a list continues, in the order of creation.
    Cursor,
    /// Whether the server goes through all pages.
    AllPages,
    /// How many rows the server takes from all pages.
    MaxRows,
    /// The level of detail of a result.
    Detail,
    /// The fields that a result shows.
    Fields,
    /// How many tokens a result may have.
    MaxTokens,
    /// The file that a result is written to.
    ExportTo,
    /// Why a write is made, for the audit log.
    Reason,
    /// The approval of a plan.
    PlanToken,
    /// The arguments that are cleared.
    Clear,
    /// Whether a bulk operation is only previewed.
    DryRun,
    /// The name of an operation to run.
    Operation,
    /// The arguments of the operation to run.
    Arguments,
    /// The ID of the approval to use.
    Approval,
    /// The MCP session that the call is about.
    Session,
}

/// How an argument makes a call be about someone. There is no default: each id and each address
/// states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// The object that the call reads or changes: its owner is a subject of the call.
    Target,
    /// Who or what gets something by the call: a subject too.
    Grantee,
    /// An address that the call gives to someone.
    Brought,
    /// Who is named as the author. Logged, but not a subject.
    Credit,
    /// It narrows a list or a count.
    Filter,
    /// It is about no person.
    Nobody,
}

/// What an argument may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type {
    /// An id of one of these kinds.
    Id { kinds: &'static [Kind], relation: Relation },
    /// An email address.
    Email { relation: Relation },
    /// A phone number in E.164 form.
    Phone { relation: Relation },
    /// An email address, a domain, a phone number, a wallet or a username.
    Identifier { relation: Relation },
    /// What a person signs in with: an email address, a phone number or a username. There may be
    /// nobody who does.
    Login { relation: Relation },
    /// A string with as many characters.
    Text { min: u32, max: u32, format: Format },
    /// One of these strings. Both spellings, snake_case and camelCase, are understood.
    Choice(&'static [&'static str]),
    /// The name of a field, with `+` before it for ascending or `-` for descending order.
    Order(&'static [&'static str]),
    /// A whole number.
    Integer { min: i64, max: i64 },
    /// A price in cents: 0, or at least so many.
    Price { least: i64 },
    /// True or false.
    Bool,
    /// True: Clerk doesn't take false yet.
    True,
    /// A date, an RFC 3339 timestamp or Unix milliseconds. Clerk is sent Unix milliseconds.
    Time,
    /// The same, and Clerk is sent an RFC 3339 timestamp. It may have to be in the future.
    Timestamp { future: bool },
    /// Several values: an array, or one string with commas.
    List { of: &'static Type, max: u32 },
    /// An object of Clerk's.
    Object(&'static Shape),
    /// An array of such objects.
    Objects { shape: &'static Shape, min: u32, max: u32 },
    /// A user's or an organization's metadata, which is merged into what is there, or replaces it.
    Metadata { merges: bool },
    /// An object whose form is the caller's, such as claims.
    Json,
    /// An object whose names are the caller's, with values of one type; null may remove a name.
    Map { of: &'static Type, nulls: bool, max: u32 },
    /// The names of fields of the result.
    FieldNames,
}

/// What a string must look like, beyond its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Any,
    /// A path into metadata, such as `public.plan`.
    MetadataPath,
    /// Lowercase letters, digits and `-`.
    Slug,
    /// The domain of email addresses, with or without `@` before it.
    Domain,
    /// The key of a role in organizations, such as `org:admin`.
    RoleKey,
    /// A new key: this prefix, then lowercase letters, digits and `_`.
    NewKey(&'static str),
    /// The key of a permission of your own, such as `org:billing:manage`.
    PermissionKey,
    /// The key of a custom attribute: letters, digits, `_` and `-`, the first not `_`.
    AttributeKey,
    /// A full URL, with http, https or an app's own scheme.
    Url,
    /// A full URL with http or https.
    WebUrl,
    /// A country's code of ISO 3166, such as `DE`.
    Country,
    /// A currency's code of ISO 4217, such as `USD`.
    Currency,
    /// ASCII letters and digits.
    Alphanumeric,
    /// Text without a space at either end.
    Trimmed,
}

/// The properties of an object that an argument holds.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Its properties, in groups that shapes may share.
    pub(crate) params: &'static [&'static [Param]],
    /// Rules that tie them together.
    pub(crate) rules: &'static [Rule],
    /// Whether further properties are passed on.
    pub(crate) open: bool,
}

/// A rule that ties arguments together. They are named as Clerk names them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// One or more of these arguments must be given.
    Any(&'static [&'static str]),
    /// Exactly one of these arguments must be given.
    One(&'static [&'static str]),
    /// An argument that isn't required must be given: the call would change nothing.
    Change,
    /// The first argument can be given only together with the second.
    With(&'static str, &'static str),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &[&str]| {
            let names = names.iter().map(|name| format!("`{}`", super::camel_case(name)));
            names.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Any(names) => write!(f, "Give at least one of {}.", listed(names)),
            Self::One(names) => write!(f, "Give exactly one of {}.", listed(names)),
            Self::Change => f.write_str("Give at least one argument that isn't required."),
            Self::With(name, other) => {
                write!(f, "{} can be given only with {}.", listed(&[name]), listed(&[other]))
            }
        }
    }
}

impl Shape {
    /// Its properties, in their order.
    pub(crate) fn params(&'static self) -> impl Iterator<Item = &'static Param> + Clone {
        self.params.iter().copied().flatten()
    }
}

impl Param {
    /// How many characters its string may have.
    pub(crate) fn most_characters(&self) -> usize {
        match self.ty {
            Type::Text { max, .. } => usize::try_from(max).unwrap_or(usize::MAX),
            _ => usize::MAX,
        }
    }

    /// The name that agents know it by.
    pub(crate) fn name(&self) -> String {
        super::camel_case(self.wire)
    }

    /// Whether agents know it by this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        super::is_camel_of(self.wire, name)
    }
}
