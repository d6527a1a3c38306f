//! Any text as an id: it is refused, or the URL is the route's with that id in its place.
#![no_main]

use clerk_api::{Id, Request, Route};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use url::Url;

fuzz_target!(|id: &str| {
    let routes = [
        (Route::get("/users/{id}"), ""),
        (Route::post("/sessions/{id}/revoke"), "/revoke"),
        (Route::delete("/a/{id}/b/{other}"), "/b/user_1"),
    ];
    for (route, after) in routes {
        let before = route.path.split('{').next().unwrap();
        match Request::new(route, &json!({ "id": id, "other": "user_1" })) {
            Ok(request) => {
                assert!(Id::parse(id).is_ok());
                assert_eq!(
                    request.to_string(),
                    format!("{} {before}{id}{after}", route.method.as_str())
                );
                let path = request.to_string();
                let path = path.split_once(' ').unwrap().1;
                let url = Url::parse(&format!("https://api.clerk.com/v1{path}")).unwrap();
                assert_eq!(url.path(), format!("/v1{before}{id}{after}"));
                assert_eq!((url.query(), url.fragment()), (None, None));
                let mut url = Url::parse("https://api.clerk.com").unwrap();
                url.set_path(&format!("/v1{path}"));
                assert_eq!(url.as_str(), format!("https://api.clerk.com/v1{before}{id}{after}"));
            }
            Err(_) => assert!(Id::parse(id).is_err()),
        }
    }
});
