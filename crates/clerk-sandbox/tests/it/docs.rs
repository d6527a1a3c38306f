//! What can be pasted from the documentation for tests.

use clerk_sandbox::Fixtures;
use serde_json::Value;

const TESTING: &str = include_str!("../../../../docs/testing.md");
const SANDBOX: &str = include_str!("../../../../docs/sandbox.md");

/// The blocks of YAML on a page.
fn yaml(page: &str) -> Vec<&str> {
    page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_compose_file_leads_the_application_to_the_sandbox() {
    let [compose] = yaml(TESTING)[..] else { panic!("one compose file") };
    let compose: Value = serde_saphyr::from_str(compose).unwrap();
    let (clerk, app) = (&compose["services"]["clerk"], &compose["services"]["app"]);
    let command = clerk["command"].as_array().unwrap();
    let value = |option: &str| {
        let place = command.iter().position(|word| word == option).unwrap();
        command[place + 1].as_str().unwrap()
    };
    let port = value("--listen").strip_prefix("0.0.0.0:").unwrap();
    assert_eq!(app["environment"]["CLERK_API_URL"], format!("http://clerk:{port}"));
    assert_eq!(app["depends_on"], serde_json::json!(["clerk"]));
    let mount = format!("./fixtures.yaml:{}:ro", value("--fixtures"));
    assert_eq!(clerk["volumes"], serde_json::json!([mount]));
    assert_eq!(value("--allow-webhook-host"), "app");
}

#[test]
fn the_fixtures_of_the_documentation_are_valid() {
    let [fixtures] = yaml(SANDBOX)[..] else { panic!("one file of fixtures") };
    Fixtures::parse(fixtures).unwrap();
}
