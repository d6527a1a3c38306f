//! Users who seem to be one person, against a set of which it is known who is who.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    answers::client,
    support::{Script, Seen, Upstream},
};

const FIRST: [&str; 8] = ["Ada", "Bob", "Chloe", "Dmitri", "Emil", "Fatima", "Goran", "Hana"];
const LAST: [&str; 5] = ["Lovelace", "Obrien", "Muller", "Garcia", "Novak"];

/// A user, and who it really is.
struct Account {
    person: usize,
    user: Value,
}

/// The users of the set, the accounts of one person far apart.
fn accounts() -> Vec<Account> {
    let (mut firsts, mut others) = (Vec::new(), Vec::new());
    for person in 0..40 {
        let (first, last) = (FIRST[person % 8], LAST[person % 5]);
        let local = format!("{first}.{last}{person}").to_lowercase();
        let user = account(&format!("user_{person}"))
            .named(first, last)
            .mailed(&format!("{local}@gmail.com"))
            .called(&format!("+1555000{person:04}"))
            .linked("oauth_google", &format!("g{person}"));
        firsts.push(Account { person, user: user.0 });
        let double = account(&format!("user_{person}b"));
        let double = match person % 5 {
            1 => {
                let bare = local.replace('.', "");
                let spelled = [format!("{bare}@gmail.com"), format!("{local}+x@googlemail.com")];
                double.mailed(&spelled[person % 2].to_uppercase())
            }
            2 => double.called(&format!("+1555000{person:04}")),
            3 => double.linked("google", &format!("g{person}")),
            4 => double.named(&last.to_uppercase(), &first.replace('o', "ö")),
            _ => continue,
        };
        others.push(Account { person, user: double.0 });
    }
    // People who aren't one, however alike they are.
    let strangers = [
        account("user_s0").mailed("ada.lovelace0@example.com"),
        account("user_s1").mailed("adalovelace0@example.com"),
        account("user_s2").linked("oauth_github", "g3"),
        account("user_s3").called("+15550000"),
        account("user_s4").named("Ada", ""),
        account("user_s5").named("Ada", "Lovelace"),
        account("user_s6").named("Bob", "O'Brien"),
        account("user_s7"),
    ];
    let strangers = strangers.into_iter().enumerate();
    others.extend(strangers.map(|(n, user)| Account { person: 100 + n, user: user.0 }));
    firsts.into_iter().chain(others).collect()
}

struct Building(Value);

fn account(id: &str) -> Building {
    Building(json!({
        "object": "user", "id": id, "created_at": 1_780_131_600_000_i64,
        "last_active_at": 1_780_218_000_000_i64, "password_enabled": true,
    }))
}

impl Building {
    fn named(mut self, first: &str, last: &str) -> Self {
        self.0["first_name"] = json!(first);
        self.0["last_name"] = json!(last);
        self
    }

    fn mailed(mut self, address: &str) -> Self {
        self.0["primary_email_address_id"] = json!("idn_1");
        self.0["email_addresses"] = json!([{ "id": "idn_1", "email_address": address, "verification": { "status": "verified" } }]);
        self
    }

    fn called(mut self, number: &str) -> Self {
        self.0["phone_numbers"] = json!([{ "id": "idn_2", "phone_number": number }]);
        self
    }

    fn linked(mut self, provider: &str, id: &str) -> Self {
        self.0["external_accounts"] =
            json!([{ "id": "eac_1", "provider": provider, "provider_user_id": id }]);
        self
    }
}

/// Clerk with these users.
fn clerk(seen: &Seen, users: &[Value]) -> Script {
    let path = seen.path.as_str();
    if path.starts_with("/users/count") {
        return Script::json(200, &json!({ "total_count": users.len() }));
    }
    if path.contains("/organization_memberships") {
        let organization = json!({ "id": "org_1", "name": "Acme" });
        let page = json!({ "data": [{ "organization": organization }], "total_count": 1 });
        return Script::json(200, &page);
    }
    let is_asked = |user: &&Value| {
        let id = user["id"].as_str().unwrap();
        path.split(['?', '&']).any(|part| part == format!("user_id={id}"))
    };
    let is_filtered = path.contains("user_id=");
    let wanted: Vec<&Value> = users.iter().filter(|user| !is_filtered || is_asked(user)).collect();
    Script::json(200, &json!(wanted))
}

type Pairs = BTreeSet<(String, String)>;

fn pairs(ids: &[&str]) -> Pairs {
    let ordered = |one: &str, other: &str| {
        let (first, second) = if one < other { (one, other) } else { (other, one) };
        (first.to_owned(), second.to_owned())
    };
    let each = ids.iter().enumerate();
    each.flat_map(|(n, one)| ids[n + 1..].iter().map(move |other| ordered(one, other))).collect()
}

#[tokio::test]
async fn duplicates_are_found_with_the_precision_and_recall_that_each_evidence_has() {
    let accounts = accounts();
    let users: Vec<Value> = accounts.iter().map(|account| account.user.clone()).collect();
    let upstream = Upstream::start(move |seen, _| clerk(seen, &users)).await;
    let client = client(&upstream.url, 100_000).await;
    let mut all_found = Pairs::new();
    for (by, kind, precision) in [
        ("duplicateEmail", 1, 1.0),
        ("duplicatePhone", 2, 1.0),
        ("duplicateExternalAccount", 3, 1.0),
        // Two strangers are called as others are.
        ("duplicateName", 4, 0.8),
    ] {
        let answer = client.call("clerk_find_users", &json!({ "groupBy": by })).await;
        assert_eq!(answer["complete"], true, "{answer}");
        let groups = answer["groups"].as_array().unwrap();
        let mut found = Pairs::new();
        for group in groups {
            let users = group["users"].as_array().unwrap();
            assert_eq!(group["count"], users.len(), "{group}");
            let ids: Vec<&str> = users.iter().map(|user| user["id"].as_str().unwrap()).collect();
            found.extend(pairs(&ids));
        }
        let truth: Pairs = (0..40)
            .filter(|person| person % 5 == kind)
            .flat_map(|person| pairs(&[&format!("user_{person}"), &format!("user_{person}b")]))
            .collect();
        let right = found.intersection(&truth).count();
        assert_eq!(right, truth.len(), "{by}: the recall is 1: {groups:?}");
        #[expect(clippy::cast_precision_loss, reason = "few pairs")]
        let of_found = right as f64 / found.len() as f64;
        println!("{by}: precision {of_found:.2}, recall 1.00 of {}", truth.len());
        assert!((of_found - precision).abs() < 0.001, "{by}: precision {of_found}: {found:?}");
        assert_eq!(answer["note"].as_str().unwrap().contains("weak evidence"), kind == 4);
        all_found.extend(found);
    }
    let same = accounts.iter().enumerate().flat_map(|(n, one)| {
        let id = |account: &Account| account.user["id"].as_str().unwrap().to_owned();
        let others = accounts[n + 1..].iter().filter(|other| other.person == one.person);
        others.flat_map(move |other| pairs(&[&id(one), &id(other)])).collect::<Pairs>()
    });
    let same: Pairs = same.collect();
    assert!(same.len() == 32 && same.is_subset(&all_found), "{same:?}");
}

#[tokio::test]
async fn a_group_says_what_differs_in_few_tokens() {
    let one = account("user_1").named("Ada", "Lee").mailed("ada.lee@gmail.com");
    let mut other = account("user_2").mailed("adalee+2@gmail.com").linked("oauth_google", "1");
    other.0["email_addresses"][0]["verification"] = Value::Null;
    other.0["banned"] = json!(true);
    let users = vec![one.0, other.0];
    let upstream = Upstream::start(move |seen, _| clerk(seen, &users)).await;
    let client = client(&upstream.url, 20_000).await;
    let arguments = json!({ "groupBy": "duplicateEmail" });
    let mut answer = client.call("clerk_find_users", &arguments).await;
    let common = json!({
        "createdAt": "2026-05-30T09:00:00Z", "lastActiveAt": "2026-05-31T09:00:00Z",
        "organizations": ["Acme"],
    });
    let mut expected = [
        json!({ "id": "user_1", "knownAs": "Ada Lee, ada.lee@gmail.com", "factors": ["password"] }),
        json!({
            "id": "user_2", "knownAs": "adalee+2@gmail.com", "verified": false, "banned": true,
            "factors": ["password", "oauth_google"],
        }),
    ];
    for user in &mut expected {
        user.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
    }
    assert_eq!(answer["groups"][0]["users"].take(), json!(expected));
    assert_eq!(answer["groups"][0]["comparedAs"], "adalee@gmail.com");
    assert_eq!((&answer["matched"], &answer["withoutValue"]), (&json!(2), &json!(0)));
    // Criteria choose who is compared.
    let arguments = json!({ "groupBy": "duplicateEmail", "banned": true });
    let answer = client.call("clerk_find_users", &arguments).await;
    assert_eq!((&answer["groups"], &answer["matched"]), (&json!([]), &json!(1)), "{answer}");
}

#[tokio::test]
async fn a_scan_that_is_cut_says_that_not_all_users_were_compared() {
    let upstream = Upstream::start(|seen, _| {
        if seen.path.starts_with("/users/count") {
            return Script::json(200, &json!({ "total_count": 1_000 }));
        }
        if seen.path.contains("starting_after=user_500") {
            return Script::refusal(422, "", "some_fault");
        }
        let users = (1..=500).map(|n| account(&format!("user_{n}")).named("A", "B").0);
        clerk(seen, &users.collect::<Vec<_>>())
    })
    .await;
    let client = client(&upstream.url, 20_000).await;
    let arguments = json!({ "groupBy": "duplicateName" });
    let answer = client.call("clerk_find_users", &arguments).await;
    let told = ["complete", "scanned", "toScan", "nextCursor"].map(|field| answer[field].clone());
    assert_eq!(told, [json!(false), json!(500), json!(500), json!("user_500")]);
    let group = &answer["groups"][0];
    assert_eq!((&group["count"], group["users"].as_array().unwrap().len()), (&json!(500), 5));
    let note = answer["note"].as_str().unwrap();
    for told in ["ended early", "Only the users of this scan were compared", "The first 5 users"] {
        assert!(note.contains(told), "{told}: {note}");
    }
}
