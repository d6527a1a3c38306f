use super::{rank::ranked, terms::of_query};
use crate::{
    catalog::{
        self,
        words::{letters, words},
    },
    tool::{Exec, Flag, Local, Tool},
};

/// What can be found.
fn searched() -> impl Iterator<Item = &'static Tool> {
    let tools = catalog::all().map(|(_, tool)| tool);
    tools.filter(|tool| {
        !matches!(tool.exec, Exec::Local(Local::Search | Local::Run | Local::RunApproved))
    })
}

fn first(query: &str) -> &'static str {
    ranked(query, |_| true).tools.first().map_or("nothing", |tool| tool.name)
}

#[test]
fn every_name_of_every_tool_finds_it_first() {
    let mut spellings = 0;
    for tool in searched() {
        let bare = tool.name.trim_start_matches("clerk_");
        let camel = crate::names::camel_case(bare);
        let spaced = bare.replace('_', " ");
        let kebab = bare.replace('_', "-");
        let operation_id = words(tool.name).operation_id;
        let names = [tool.name, bare, &camel, &spaced, &kebab, tool.title, operation_id];
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            assert_eq!(first(name), tool.name, "{name}");
            spellings += 1;
        }
        assert_eq!(first(&tool.name.to_uppercase()), tool.name, "in capitals");
    }
    assert!(spellings > 1_500, "{spellings}");
}

#[test]
fn names_of_several_tools_find_them_first() {
    let found = ranked("clerk_get_machine, UpdateUser, ban users", |_| true);
    let names: Vec<&str> = found.tools.iter().take(3).map(|tool| tool.name).collect();
    assert_eq!(found.named, 3);
    for name in ["clerk_get_machine", "clerk_update_user", "clerk_ban_users"] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[test]
fn every_tool_has_one_line_of_words() {
    let lines = include_str!("../../../catalog/words.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let mut listed: Vec<&str> = lines.map(|line| line.split(" | ").next().unwrap()).collect();
    let mut names: Vec<&str> = searched().map(|tool| tool.name).collect();
    listed.sort_unstable();
    names.sort_unstable();
    assert_eq!(listed, names);
    for tool in searched() {
        assert!(!words(tool.name).said.is_empty(), "{}", tool.name);
        assert_eq!(
            words(tool.name).operation_id.is_empty(),
            tool.route().is_none(),
            "{}",
            tool.name
        );
    }
    let mut ids: Vec<String> =
        searched().map(|tool| letters(words(tool.name).operation_id)).collect();
    ids.retain(|id| !id.is_empty());
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

/// Where nothing else has all the words, as with the templates of emails, it is still found.
#[test]
fn deprecated_operations_come_after_all_others_that_have_the_words() {
    for query in [
        "saml connection",
        "sso",
        "scim directory",
        "clients",
        "pending invitations",
        "production domain",
    ] {
        let found = ranked(query, |_| true).tools;
        let is_deprecated = |tool: &&Tool| tool.flags.contains(&Flag::Deprecated);
        let after: Vec<_> = found.iter().skip_while(|tool| !is_deprecated(tool)).collect();
        assert!(after.iter().all(|tool| is_deprecated(tool)), "{query}: {after:?}");
    }
    let deprecated = searched().filter(|tool| tool.flags.contains(&Flag::Deprecated));
    assert!(deprecated.map(|tool| assert_eq!(first(tool.name), tool.name)).count() > 10);
    assert_eq!(first("change the wording of an email"), "clerk_update_template");
}

#[test]
fn what_nobody_says_finds_nothing() {
    for query in ["zzz qqq", "the of a", ""] {
        assert!(ranked(query, |_| true).tools.is_empty(), "{query}: {:?}", of_query(query));
    }
}

#[test]
fn plain_questions_find_the_operation_within_the_first_three() {
    let mut missed = Vec::new();
    for (question, name) in QUESTIONS {
        let found = ranked(question, |_| true).tools;
        let name = format!("clerk_{name}");
        if !found.iter().take(3).any(|tool| tool.name == name) {
            let first: Vec<&str> = found.iter().take(5).map(|tool| tool.name).collect();
            missed.push(format!("{question} ({name}): {first:?}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(QUESTIONS.len() >= 60);
}

const QUESTIONS: &[(&str, &str)] = &[
    ("block text messages to Russia", "update_instance_communication"),
    ("turn off sign ups", "update_instance_auth_config"),
    ("rotate a machine secret", "rotate_machine_secret_key"),
    ("who can see billing", "list_organization_permissions"),
    ("give somebody a month free trial", "extend_billing_subscription_item_free_trial"),
    ("log a user out everywhere", "revoke_user_sessions"),
    ("set up Okta SSO", "create_enterprise_connection"),
    ("download signing keys", "get_jwks"),
    ("why did my invite bounce", "list_invitations"),
    ("make someone an admin of their team", "update_organization_membership"),
    ("reset somebody's two-factor authentication", "disable_user_mfa"),
    ("they lost their phone and can't get past 2FA", "disable_user_mfa"),
    ("impersonate a customer", "create_actor_token"),
    ("sign in as a user for support", "create_actor_token"),
    ("let a company's IT admin set up SSO themselves", "create_admin_portal_link_token"),
    ("refund a customer with credits", "adjust_user_billing_credit_balance"),
    ("how many users do we have", "count_users"),
    ("which users never signed in", "find_users"),
    ("show invoices", "list_billing_statements"),
    ("why was the card declined", "list_billing_statement_payment_attempts"),
    ("cancel a subscription", "cancel_billing_subscription_item"),
    ("give a customer a discount", "apply_billing_subscription_item_discount"),
    ("upgrade a customer to another plan", "create_billing_price_transition"),
    ("which plan is this organization on", "get_organization_billing_subscription"),
    ("kick a person out of a team", "remove_organization_member"),
    ("rename a company", "update_organization"),
    ("raise the seat limit of a team", "update_organization"),
    ("unlock an account after too many failed attempts", "unlock_user"),
    ("force a password reset", "set_user_password_compromised"),
    ("somebody's password was leaked", "set_user_password_compromised"),
    ("swap a person's email for another", "replace_user_email_address"),
    ("add a second email address to a user", "create_email_address"),
    ("mark an email as verified", "update_email_address"),
    ("send a verification code by SMS", "prepare_phone_number_verification"),
    ("unlink a Google account", "delete_user_external_account"),
    ("get a user's Google access token", "get_user_oauth_token"),
    ("remove a profile picture", "delete_user_profile_image"),
    ("upload a company logo", "upload_organization_logo"),
    ("only let people with our company email sign up", "create_allowlist_identifier"),
    ("block disposable email addresses", "update_instance_restrictions"),
    ("blacklist a domain", "create_blocklist_identifier"),
    ("approve someone on the waiting list", "invite_waitlist_entry"),
    ("who is waiting for early access", "list_waitlist_entries"),
    ("change the wording of the invitation email", "update_template"),
    ("stop Clerk from sending emails", "toggle_template_delivery"),
    ("set up webhooks", "create_svix_app"),
    ("open the webhook dashboard", "create_svix_auth_url"),
    ("add custom claims to the session token", "create_jwt_template"),
    ("make a token for Supabase", "create_jwt_template"),
    ("allow a deep link of our mobile app", "create_redirect_url"),
    ("add a satellite domain", "add_domain"),
    ("what DNS records do I need", "list_domains"),
    ("move production to a new domain", "change_production_instance_domain"),
    ("test single sign-on before turning it on", "create_enterprise_connection_test_run"),
    ("why does SSO fail for a customer", "list_enterprise_connection_test_runs"),
    ("turn off SSO for a company", "update_enterprise_connection"),
    ("sync users from Entra", "create_directory"),
    ("map an Okta group to a role", "create_directory_group_role_mapping"),
    ("roll the SCIM token", "rotate_directory_api_key"),
    ("revoke a leaked API key", "revoke_api_key"),
    ("whose API key is this", "verify_api_key"),
    ("reveal an API key", "get_api_key_secret"),
    ("register a third-party app", "create_oauth_application"),
    ("turn on dynamic client registration", "update_instance_oauth_application_settings"),
    ("new client secret for an OAuth app", "rotate_oauth_application_secret"),
    ("let one service call another", "create_machine_scope"),
    ("check a machine-to-machine token", "verify_m2m_token"),
    ("create a custom role", "create_organization_role"),
    ("give a role a permission", "assign_permission_to_organization_role"),
    ("which roles are there", "list_organization_roles"),
    ("which organizations is a user in", "list_user_organization_memberships"),
    ("who is in the organization", "list_organization_memberships"),
    ("verify a company's email domain", "create_organization_domain"),
    ("people with our domain join automatically", "update_organization_domain"),
    ("invite ten people at once", "create_invitations"),
    ("invite somebody to a team", "create_organization_invitation"),
    ("withdraw an invitation", "revoke_invitation"),
    ("who is logged in right now", "list_sessions"),
    ("sign out one device", "revoke_session"),
    ("skip the captcha in end-to-end tests", "create_testing_token"),
    ("magic link for a user", "create_sign_in_token"),
    ("turn off organizations", "update_instance_organization_settings"),
    ("allow a CORS origin", "update_instance"),
    ("delete somebody for GDPR", "delete_user"),
    ("suspend an account", "ban_user"),
    ("let a banned person back in", "unban_user"),
    ("change the plan in many users' metadata", "bulk_update"),
    ("set metadata on a user", "update_user_metadata"),
    ("what happened to this user", "list_events"),
    ("forget a trusted device", "revoke_user_biometric_credential"),
    ("remove a passkey", "delete_user_passkey"),
    ("check whether a password is right", "verify_user_password"),
    ("bot protection", "update_instance_protect"),
    ("which key am I using", "whoami"),
    ("paying customers", "list_billing_subscription_items"),
    ("pricing tiers", "list_billing_plans"),
    ("show credits left", "get_user_billing_credit_balance"),
    ("close registration", "update_instance_auth_config"),
    ("stop new people from registering", "update_instance_auth_config"),
    ("make the app invite-only", "update_instance_auth_config"),
    ("don't send SMS to China", "update_instance_communication"),
    ("which countries get no text messages", "get_instance_communication"),
    ("generate new credentials for a service", "rotate_machine_secret_key"),
    ("what is this user paying for", "get_user_billing_subscription"),
    ("extend trial by 30 days", "extend_billing_subscription_item_free_trial"),
    ("end all sessions of a user", "revoke_user_sessions"),
    ("force logout on every device", "revoke_user_sessions"),
    ("configure SAML with Azure AD", "create_enterprise_connection"),
    ("add Google Workspace login for a customer", "create_enterprise_connection"),
    ("update the SAML certificate", "update_enterprise_connection"),
    ("fetch the public keys to verify JWTs", "get_jwks"),
    ("resend an invitation", "create_invitation"),
    ("has she accepted the invite yet", "list_invitations"),
    ("pending invites of an organization", "list_organization_invitations"),
    ("promote a member to owner", "update_organization_membership"),
    ("remove someone from a workspace", "remove_organization_member"),
    ("user can't log in", "explain_sign_in"),
    ("why does she get no code", "explain_sign_in"),
    ("find duplicate accounts", "find_users"),
    ("users inactive for a year", "find_users"),
    ("list accounts with unverified email", "find_users"),
    ("ban spammers in bulk", "bulk_update"),
    ("reactivate a user", "unban_user"),
    ("freeze a user temporarily", "lock_user"),
    ("delete recovery codes", "delete_user_backup_codes"),
    ("turn off authenticator app for a user", "delete_user_totp"),
    ("connect a crypto wallet removal", "delete_user_web3_wallet"),
    ("set the primary email", "update_email_address"),
    ("verify a phone by hand", "update_phone_number"),
    ("check a one-time code from email", "attempt_email_address_verification"),
    ("expire an impersonation token", "revoke_actor_token"),
    ("hand a role the right to manage invoices", "assign_permission_to_organization_role"),
    ("take a permission from a role", "remove_permission_from_organization_role"),
    ("set default role for new members", "update_instance_organization_settings"),
    ("who may create organizations", "update_instance_organization_settings"),
    ("create a tenant", "create_organization"),
    ("search teams by name", "list_organizations"),
    ("is this token valid", "verify_oauth_access_token"),
    ("OAuth apps that use us as identity provider", "list_oauth_applications"),
    ("change the redirect URI of an OAuth client", "update_oauth_application"),
    ("delete an OAuth client", "delete_oauth_application"),
    ("issue an API key", "create_api_key"),
    ("API keys of an organization", "list_api_keys"),
    ("deactivate an API key", "revoke_api_key"),
    ("add an M2M service", "create_machine"),
    ("list services", "list_machines"),
    ("provision users from Okta", "create_directory"),
    ("groups from our identity provider to roles", "create_directory_group_role_mapping"),
    ("failed payments", "list_billing_statement_payment_attempts"),
    ("give credit to a company", "adjust_organization_billing_credit_balance"),
    ("cancel a customer's plan", "cancel_billing_subscription_item"),
    ("custom price for one customer", "create_billing_price"),
    ("past due subscriptions", "list_billing_subscription_items"),
    ("edit email templates", "update_template"),
    ("preview an SMS", "preview_template"),
    ("domain for a customer to auto join", "create_organization_domain"),
    ("who owns this email domain", "list_all_organization_domains"),
    ("satellite domains", "list_domains"),
    ("support email of the app", "update_instance"),
    ("login link for a user without a password", "create_sign_in_token"),
    ("session token for tests", "create_session"),
    ("playwright tests blocked by captcha", "create_testing_token"),
    ("reject someone from the waitlist", "reject_waitlist_entry"),
    ("open the Svix portal", "create_svix_auth_url"),
    ("does this user have passkeys", "get_user"),
    ("merge a value into org metadata", "update_organization_metadata"),
    ("overwrite a user's metadata", "replace_user_metadata"),
    ("let in a VIP domain", "create_allowlist_identifier"),
    ("blocked domains", "list_blocklist_identifiers"),
    ("allow plus addressing", "update_instance_restrictions"),
    ("roles available to an organization", "get_role_set"),
    ("swap one role for another everywhere", "replace_role_in_role_set"),
    ("Slack-like user avatar upload", "set_user_profile_image"),
    ("AI agent acts for a user", "create_agent_task"),
    ("latest sign-ins", "list_events"),
    ("import users", "create_user"),
    ("export all users", "list_users"),
    ("number of active users", "count_users"),
    ("who am I connected to", "whoami"),
];
