//! Operations that Clerk has, and its newest OpenAPI file lacks. `tests/contract/newer-operations.json`
//! says where each was read; a test holds that these are those.

/// An operation, by its method and its path.
type Operation = (&'static str, &'static str);

/// Those that the catalog has: a file without them isn't one that they are gone from.
pub(super) const OFFERED: &[Operation] = &[
    ("GET", "/logs"),
    ("GET", "/logs/schemas"),
    ("GET", "/logs/{event_time}:{event_id}"),
    ("GET", "/users/{user_id}/biometric_credentials"),
    ("DELETE", "/users/{user_id}/biometric_credentials/{biometric_credential_id}"),
    ("DELETE", "/invitations/{invitation_id}"),
    ("GET", "/sso_bypass_allowlist_users"),
    ("POST", "/sso_bypass_allowlist_users"),
    ("DELETE", "/sso_bypass_allowlist_users/{user_id}"),
];

/// Arguments of tools, by their names at Clerk, that Clerk takes and its file lacks.
pub(super) const ARGUMENTS: &[(&str, &str)] = &[
    ("clerk_create_saml_connection", "idp_certificates"),
    ("clerk_update_saml_connection", "idp_certificates"),
];

const NOT_PUBLIC: &str = "Clerk marks it as internal and not public yet";
const ONLY_NAMED: &str = "Clerk has published only its name: the path is inferred";
const NO_FIELDS: &str = "Clerk has published neither its path nor its fields: the path is inferred";

/// Those that are known and that the catalog doesn't have, and why.
pub(super) const NOT_OFFERED: &[(Operation, &str)] = &[
    (
        ("POST", "/users/{user_id}/merge"),
        "Clerk hasn't published which of the two users is kept and what the field of the other is \
         called; a wrong direction deletes the wrong person for good",
    ),
    (("GET", "/sessions/{session_id}/reverification"), ONLY_NAMED),
    (("GET", "/directories/{directory_id}/groups/{group_id}"), NO_FIELDS),
    (("GET", "/directories/{directory_id}/groups/{group_id}/members"), NO_FIELDS),
    (("GET", "/logs/groups/{group_id}"), "Clerk has published only its name: the path is a guess"),
    (("POST", "/email"), NOT_PUBLIC),
    (("POST", "/email/batch"), NOT_PUBLIC),
    (("GET", "/email/{email_id}"), NOT_PUBLIC),
];
