//! What is read of Clerk and of what this server received: all sources at once, each a few requests
//! at most, and each may fail by itself.

mod logs;
mod requests;

use std::collections::BTreeMap;

use clerk_api::Decoded;
use futures::future::{OptionFuture, join_all};

pub(super) use self::logs::{Attempts, Emails, is_failure, reason, text};
use self::requests::Rows;
use super::{
    identifier::Identifier,
    wire::{Connection, Entry, Exempt, Invitation, Session, User},
};
use crate::{Ctx, Error, catalog::logs::read::Found, text::clean_bytes};

/// How many bytes of an error are shown.
const WHY: usize = 160;
/// How many users with one identifier are named.
const NAMED: usize = 5;
/// Of how many connections the certificates are read.
const CERTIFICATES: usize = 3;

/// All that is known of a person and of what decides on their sign-in. A part that could not be read,
/// or wasn't asked for, is `None`.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// In Unix milliseconds.
    pub(super) now: i64,
    /// What was given in place of the user's ID.
    pub(super) identifier: Option<Identifier>,
    /// The phone number as it was given, if it was looked for without its trunk zero.
    pub(super) with_zero: Option<Identifier>,
    /// The user's ID: the one that was given, or that of the user who was found.
    pub(super) user_id: Option<String>,
    pub(super) user: Option<User>,
    /// The IDs of the users, if several have the identifier.
    pub(super) several: Vec<String>,
    /// How many organizations the user is a member of.
    pub(super) memberships: Option<u64>,
    pub(super) sessions: Option<Vec<Session>>,
    pub(super) blocklist: Option<Vec<Entry>>,
    /// Only if it was read whole.
    pub(super) allowlist: Option<Vec<Entry>>,
    pub(super) connections: Option<Vec<Connection>>,
    /// When the certificate of a connection expires, in Unix milliseconds, by the connection's ID.
    pub(super) certificates: BTreeMap<String, i64>,
    /// Who may sign in without single sign-on. Only read if a connection decides.
    pub(super) bypass: Option<Vec<Exempt>>,
    /// The codes of the countries to which no SMS goes.
    pub(super) countries: Option<Vec<String>>,
    /// Newest first, as the two below.
    pub(super) invitations: Option<Vec<Invitation>>,
    pub(super) organization_invitations: Option<Vec<Invitation>>,
    pub(super) waitlist: Option<Vec<Invitation>>,
    /// Logs about the account itself, such as `user.locked`.
    pub(super) account: Option<Found>,
    pub(super) sign_ins: Option<Attempts>,
    pub(super) sms: Option<Attempts>,
    pub(super) emails: Option<Emails>,
    /// Whether this server receives webhooks.
    pub(super) has_events: bool,
    /// What was read, in words.
    pub(super) checked: Vec<&'static str>,
    /// What was not.
    pub(super) gaps: Vec<Gap>,
    /// What Clerk sent in another form than it documents.
    pub(super) notes: Vec<String>,
}

/// What could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) what: String,
    pub(super) why: String,
}

/// A source, in words, and what it means if Clerk doesn't find it; "" if nothing special.
#[derive(Clone, Copy, Debug)]
struct Source(&'static str, &'static str);

const LOGS_OFF: &str = "Clerk answered 404: application logs may be off for this instance";

const ACCOUNT: Source = Source("the user's account", "");
const USERS: Source = Source("users with the identifier", "");
const MEMBERSHIPS: Source = Source("memberships of organizations", "");
const SESSIONS: Source = Source("tasks of sessions", "");
const BLOCKLIST: Source = Source("the blocklist", "");
const ALLOWLIST: Source = Source("the allowlist", "");
const CONNECTIONS: Source = Source("enterprise connections", "");
const CERTIFICATE: Source = Source("certificates of identity providers", "");
const BYPASS: Source =
    Source("the SSO bypass allowlist", "Clerk answered 404: this instance may not have it");
const COUNTRIES: Source = Source("countries blocked for SMS", "");
const INVITATIONS: Source = Source("invitations", "");
const ORGANIZATION_INVITATIONS: Source = Source("invitations to organizations", "");
const WAITLIST: Source = Source("the waitlist", "");
const ACCOUNT_LOGS: Source = Source("logs of the account", LOGS_OFF);
const SIGN_IN_LOGS: Source = Source("logs of sign-ins", LOGS_OFF);
const SMS_LOGS: Source = Source("logs of text messages", LOGS_OFF);
const EMAILS: Source = Source("emails that webhooks reported", "");

impl Known {
    /// # Errors
    /// Those of the search for the user.
    pub(super) async fn read(
        clerk: &Ctx,
        user_id: Option<String>,
        identifier: Option<&str>,
        now: i64,
    ) -> Result<Self, Error> {
        let mut known =
            Self { now, user_id, identifier: identifier.map(Identifier::of), ..Self::default() };
        known.has_events = clerk.events().is_some();
        known.find(clerk).await?;
        if known.several.is_empty() {
            Box::pin(known.read_all(clerk)).await;
        }
        Ok(known)
    }

    async fn find(&mut self, clerk: &Ctx) -> Result<(), Error> {
        let users = if let Some(identifier) = &self.identifier {
            self.checked.push(USERS.0);
            let users = requests::users(clerk, identifier).await?;
            match identifier.without_trunk_zero().filter(|_| users.value.is_empty()) {
                None => users,
                Some(number) => {
                    let users = requests::users(clerk, &number).await?;
                    self.with_zero = self.identifier.replace(number);
                    users
                }
            }
        } else {
            let id = self.user_id.clone().unwrap_or_default();
            requests::user(clerk, &id).await?.map(|user| user.into_iter().collect())
        };
        let mut users = self.taken(users);
        if let [_, _, ..] = users.as_slice() {
            let ids = users.into_iter().take(NAMED).map(|user| user.id);
            self.several = ids.collect();
        } else if let Some(user) = users.pop() {
            self.checked.push(ACCOUNT.0);
            self.user_id = Some(user.id.clone());
            self.user = Some(user);
        }
        Ok(())
    }

    async fn read_all(&mut self, clerk: &Ctx) {
        let id = self.user.as_ref().map(|user| user.id.as_str());
        let email = self.identifier.as_ref().filter(|one| one.is_email()).map(Identifier::text);
        let stranger = email.filter(|_| id.is_none());
        let has_phone = self.has_phone();
        let who =
            logs::Who { user_id: self.user_id.as_deref(), identifier: self.identifier.as_ref() };
        let (user, stranger, instance, logs) = futures::join!(
            Box::pin(of_user(clerk, id)),
            Box::pin(of_stranger(clerk, stranger)),
            Box::pin(of_instance(clerk, has_phone)),
            Box::pin(of_logs(clerk, who, id, has_phone)),
        );
        let (memberships, sessions) = user;
        self.memberships =
            memberships.and_then(|answer| self.part(clerk, MEMBERSHIPS, answer)).flatten();
        self.sessions = sessions.and_then(|answer| self.rows(clerk, SESSIONS, answer));
        let [invitations, of_organizations, waitlist] = stranger;
        self.invitations = invitations.and_then(|answer| self.rows(clerk, INVITATIONS, answer));
        self.organization_invitations =
            of_organizations.and_then(|answer| self.rows(clerk, ORGANIZATION_INVITATIONS, answer));
        self.waitlist = waitlist.and_then(|answer| self.rows(clerk, WAITLIST, answer));
        let (blocklist, allowlist, connections, countries) = instance;
        self.blocklist = self.rows(clerk, BLOCKLIST, blocklist);
        self.allowlist = self.whole(clerk, ALLOWLIST, allowlist);
        self.connections = self.rows(clerk, CONNECTIONS, connections);
        self.countries = countries.and_then(|answer| self.part(clerk, COUNTRIES, answer));
        let (account, sign_ins, sms, emails) = logs;
        self.account = account.and_then(|answer| self.found(clerk, ACCOUNT_LOGS, answer));
        self.sign_ins = self.attempts(clerk, SIGN_IN_LOGS, sign_ins);
        self.sms = sms.and_then(|answer| self.attempts(clerk, SMS_LOGS, answer));
        self.emails = emails.and_then(|answer| self.emails(clerk, answer));
        self.read_bypass(clerk).await;
        self.read_certificates(clerk).await;
    }

    /// Nobody needs to be exempt from connections that serve none of their domains.
    async fn read_bypass(&mut self, clerk: &Ctx) {
        if self.user.is_some() && super::sso::connections(self).next().is_some() {
            let answer = requests::bypass(clerk).await;
            self.bypass = self.part(clerk, BYPASS, answer);
        }
    }

    /// Whether the person has a phone number, or gave one.
    fn has_phone(&self) -> bool {
        self.identifier.as_ref().is_some_and(Identifier::is_phone)
            || self.user.as_ref().is_some_and(|user| user.phones().next().is_some())
    }

    /// The older form of a connection says when its certificate expires.
    async fn read_certificates(&mut self, clerk: &Ctx) {
        let mut wanted: Vec<(String, String)> = super::sso::connections(self)
            .filter(|(_, connection)| connection.certificate().is_none())
            .filter_map(|(_, connection)| {
                Some((connection.id.clone(), connection.saml_connection.as_ref()?.id.clone()?))
            })
            .collect();
        if wanted.len() > CERTIFICATES {
            wanted.truncate(CERTIFICATES);
            self.gap(CERTIFICATE.0, &format!("only those of {CERTIFICATES} connections were read"));
        }
        let reading = wanted.iter().map(|(_, saml)| requests::certificate(clerk, saml));
        for ((connection, _), answer) in wanted.iter().zip(join_all(reading).await) {
            match self.part(clerk, CERTIFICATE, answer) {
                Some(Some(expires_at)) => {
                    self.certificates.insert(connection.clone(), expires_at);
                }

                Some(None) => self.gap(CERTIFICATE.0, "Clerk's response has no date of expiry"),
                None => {}
            }
        }
    }

    fn taken<T>(&mut self, answer: Decoded<T>) -> T {
        self.notes.extend(answer.notes);
        answer.value
    }

    /// A part, or a gap that says why it isn't there.
    fn part<T>(
        &mut self,
        clerk: &Ctx,
        source: Source,
        answer: Result<Decoded<T>, Error>,
    ) -> Option<T> {
        match answer {
            Ok(answer) => {
                if !self.checked.contains(&source.0) {
                    self.checked.push(source.0);
                }
                Some(self.taken(answer))
            }
            Err(error) => {
                let is_missing = error.refusal().is_some_and(|refusal| refusal.status == 404);
                match source.1 {
                    off if is_missing && !off.is_empty() => self.gap(source.0, off),
                    _ => self.gap(source.0, &clerk.redact(&error.to_string())),
                }
                None
            }
        }
    }

    /// The rows of a list, and a gap if there are more.
    fn rows<T>(
        &mut self,
        clerk: &Ctx,
        source: Source,
        answer: Result<Decoded<Rows<T>>, Error>,
    ) -> Option<Vec<T>> {
        let Rows { rows, more } = self.part(clerk, source, answer)?;
        if let Some(more) = more {
            self.gap(source.0, &more);
        }
        Some(rows)
    }

    /// The rows of a list if they are all.
    fn whole<T>(
        &mut self,
        clerk: &Ctx,
        source: Source,
        answer: Result<Decoded<Rows<T>>, Error>,
    ) -> Option<Vec<T>> {
        let gaps = self.gaps.len();
        self.rows(clerk, source, answer).filter(|_| self.gaps.len() == gaps)
    }

    fn found(
        &mut self,
        clerk: &Ctx,
        source: Source,
        answer: Result<Found, Error>,
    ) -> Option<Found> {
        let found = self.part(clerk, source, answer.map(undecoded))?;
        if let Some(more) = &found.more {
            self.gap(&format!("older {}", source.0), more);
        }
        Some(found)
    }

    fn attempts(
        &mut self,
        clerk: &Ctx,
        source: Source,
        answer: Result<Attempts, Error>,
    ) -> Option<Attempts> {
        let attempts = self.part(clerk, source, answer.map(undecoded))?;
        if let Some(more) = &attempts.more {
            self.gap(&format!("older {}", source.0), more);
        }
        if let Some(why) = &attempts.without_reasons {
            self.gap(&format!("reasons in {}", source.0), &clerk.redact(why));
        }
        Some(attempts)
    }

    fn emails(&mut self, clerk: &Ctx, answer: Result<Emails, Error>) -> Option<Emails> {
        let emails = self.part(clerk, EMAILS, answer.map(undecoded))?;
        if let Some(more) = emails.more {
            self.gap(EMAILS.0, more);
        }
        Some(emails)
    }

    fn gap(&mut self, what: &str, why: &str) {
        let why = clean_bytes(why.trim_end_matches('.'), WHY);
        self.gaps.push(Gap { what: what.to_owned(), why });
    }
}

type Answer<T> = Result<Decoded<T>, Error>;

async fn of_user(
    clerk: &Ctx,
    id: Option<&str>,
) -> (Option<Answer<Option<u64>>>, Option<Answer<Rows<Session>>>) {
    futures::join!(
        optional(id.map(|id| requests::memberships(clerk, id))),
        optional(id.map(|id| requests::sessions(clerk, id))),
    )
}

async fn of_stranger(clerk: &Ctx, email: Option<&str>) -> [Option<Answer<Rows<Invitation>>>; 3] {
    let (invitations, of_organizations, waitlist) = futures::join!(
        optional(email.map(|email| requests::invitations(clerk, email))),
        optional(email.map(|email| requests::organization_invitations(clerk, email))),
        optional(email.map(|email| requests::waitlist(clerk, email))),
    );
    [invitations, of_organizations, waitlist]
}

async fn of_instance(
    clerk: &Ctx,
    has_phone: bool,
) -> (Answer<Rows<Entry>>, Answer<Rows<Entry>>, Answer<Rows<Connection>>, Option<Answer<Vec<String>>>)
{
    futures::join!(
        requests::blocklist(clerk),
        requests::allowlist(clerk),
        requests::connections(clerk),
        optional(has_phone.then(|| requests::countries(clerk))),
    )
}

async fn of_logs(
    clerk: &Ctx,
    who: logs::Who<'_>,
    id: Option<&str>,
    has_phone: bool,
) -> (
    Option<Result<Found, Error>>,
    Result<Attempts, Error>,
    Option<Result<Attempts, Error>>,
    Option<Result<Emails, Error>>,
) {
    futures::join!(
        optional(who.user_id.map(|id| logs::of_account(clerk, id))),
        logs::sign_ins(clerk, who),
        optional(has_phone.then(|| logs::sms(clerk, who))),
        optional(clerk.events().map(|events| logs::emails(events, id))),
    )
}

fn undecoded<T>(value: T) -> Decoded<T> {
    Decoded { value, notes: Vec::new() }
}

/// A request that only some calls send.
async fn optional<F: Future>(request: Option<F>) -> Option<F::Output> {
    OptionFuture::from(request).await
}
