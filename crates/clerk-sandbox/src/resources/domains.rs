//! `/domains` and `/proxy_checks`. There is no DNS in the sandbox, so every check succeeds.

use serde_json::json;

use super::Action::{Create, Delete, Do, List, Update};
use super::{Call, Route};
use crate::model::{Record, tables};
use crate::records::{self, Field, Kind, Shape};
use crate::refusal::{
    DOMAIN_UPDATE_FORBIDDEN, FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID,
    FORM_RESOURCE_NOT_FOUND, OPERATION_NOT_ALLOWED_ON_PRIMARY_DOMAIN,
    PRIMARY_DOMAIN_ALREADY_EXISTS, Refusal,
};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/domains", List(&DOMAIN)),
    Route::post("/domains", Create(&DOMAIN)),
    Route::patch("/domains/{domain_id}", Update(&DOMAIN)),
    Route::delete("/domains/{domain_id}", Delete(&DOMAIN)),
    Route::post("/proxy_checks", Do(check_proxy)),
];

const DOMAIN: Kind = Kind {
    list: records::List::WHOLE,
    hides: &["created_at", "updated_at"],
    complete: check,
    remove: |_, domain| {
        if domain.is("is_satellite") {
            return Ok(());
        }
        let sentence = "This operation is not allowed on a primary domain. Try again with a \
                        satellite domain of the instance.";
        Err(OPERATION_NOT_ALLOWED_ON_PRIMARY_DOMAIN.because(sentence).into())
    },
    ..Kind::new(
        tables::DOMAIN,
        "dmn",
        "domain",
        &[
            Field::new("name", Shape::Name).required().unique(&FORM_IDENTIFIER_EXISTS),
            Field::new("is_satellite", Shape::Flag).required().only_created(),
            Field::derived("frontend_api_url"),
            Field::derived("accounts_portal_url"),
            Field::new("proxy_url", Shape::Url).nullable(),
            Field::derived("development_origin").or(r#""""#),
            Field::derived("cname_targets").or("[]"),
            Field::new("is_secondary", Shape::Flag).only_updated().internal(),
        ],
    )
};

fn check(_: &mut Store, domain: &mut Record, before: Option<&Record>) -> Result<(), Refusal> {
    if before.is_none() && !domain.is("is_satellite") {
        let sentence = "Currently, only a single primary domain is supported and the current \
                        instance already has one. All new domains need to be set a satellites.";
        return Err(PRIMARY_DOMAIN_ALREADY_EXISTS.because(sentence).into());
    }
    // The sandbox is a development instance.
    if before.is_some_and(|before| before.get("proxy_url") != domain.get("proxy_url")) {
        let sentence = "Domain can be only updated for production instances";
        return Err(DOMAIN_UPDATE_FORBIDDEN.at("proxy_url", sentence).into());
    }
    let name = domain.text("name").to_lowercase();
    if name.contains(['/', ' ', '@']) {
        let sentence = "name must be a domain name, such as example.com.";
        return Err(FORM_PARAM_FORMAT_INVALID.at("name", sentence).into());
    }
    if domain.is("is_satellite") {
        domain.set("frontend_api_url", format!("https://clerk.{name}"));
        domain.set("accounts_portal_url", format!("https://accounts.{name}"));
    }
    domain.set("name", name);
    Ok(())
}

/// `POST /proxy_checks`
fn check_proxy(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let domain_id = fields.required("domain_id");
    let proxy_url = fields.required("proxy_url");
    if !proxy_url.is_empty() && url::Url::parse(&proxy_url).is_err() {
        let sentence = "proxy_url must be a valid URL.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("proxy_url", sentence));
    }
    if !domain_id.is_empty() && DOMAIN.get(store, &domain_id).is_err() {
        let sentence = format!("No domain exists with id: {domain_id}");
        fields.refuse(FORM_RESOURCE_NOT_FOUND.at("domain_id", sentence));
    }
    fields.finish()?;
    let (id, now) = (store.id("prchk"), store.now());
    Ok(reply::json(&json!({
        "object": "proxy_check",
        "id": id,
        "domain_id": domain_id,
        "last_run_at": now,
        "proxy_url": proxy_url,
        "successful": true,
        "created_at": now,
        "updated_at": now,
    })))
}
