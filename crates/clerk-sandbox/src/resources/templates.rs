//! `/templates/{template_type}`: of emails and SMS messages.

use serde_json::{Value, json};

use super::Action::{Do, Find};
use super::{Call, Route};
use crate::model::{Record, tables};
use crate::records::{Field, Kind, List, Shape};
use crate::refusal::{
    FORM_PARAM_VALUE_INVALID, RESOURCE_NOT_FOUND, Refusal, TEMPLATE_REVERT_ERROR,
    TEMPLATE_TYPE_UNSUPPORTED,
};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/templates/{template_type}", Find(list)),
    Route::get("/templates/{template_type}/{slug}", Do(show)),
    Route::put("/templates/{template_type}/{slug}", Do(update)),
    Route::post("/templates/{template_type}/{slug}/revert", Do(revert)),
    Route::post("/templates/{template_type}/{slug}/preview", Do(preview)),
    Route::post("/templates/{template_type}/{slug}/toggle_delivery", Do(toggle)),
];

const TYPES: [&str; 2] = ["email", "sms"];

const TEMPLATE: Kind = Kind {
    list: List { sort: ("position", false), ..List::BARE },
    complete: |_, template, _| {
        let text = template.text("body");
        for variable in template.texts("required_variables") {
            if !text.contains(variable) {
                let sentence = format!("body must contain the variable {variable}.");
                return Err(FORM_PARAM_VALUE_INVALID.at("body", sentence).into());
            }
        }
        template.set("resource_type", "user");
        template.set("can_revert", true);
        Ok(())
    },
    ..Kind::new(
        tables::TEMPLATE,
        "tmpl",
        "template",
        &[
            Field::new("name", Shape::Name),
            Field::new("subject", Shape::Text),
            Field::new("markup", Shape::Text),
            Field::new("body", Shape::Name),
            Field::new("delivered_by_clerk", Shape::Flag),
            Field::new("from_email_name", Shape::Text),
            Field::new("reply_to_email_name", Shape::Text),
            Field::derived("original").internal(),
        ],
    )
};

fn check_type(call: &Call) -> Result<(), Refusal> {
    let kind = call.id();
    if TYPES.contains(&kind) {
        return Ok(());
    }
    Err(TEMPLATE_TYPE_UNSUPPORTED.because(format!("Template type {kind} is not supported")).into())
}

/// The template of the path.
fn find(store: &Store, call: &Call) -> Result<Record, Refusal> {
    check_type(call)?;
    let (kind, slug) = (call.id(), call.second_id());
    let found = TEMPLATE.find(store, |template| {
        template.text("template_type") == kind && template.text("slug") == slug
    });
    found.cloned().ok_or_else(|| {
        RESOURCE_NOT_FOUND.because(format!("No template was found with slug {slug}")).into()
    })
}

/// `GET /templates/{template_type}`
fn list(store: &mut Store, call: &mut Call) -> Reply {
    check_type(call)?;
    let kind = call.id().to_owned();
    TEMPLATE.page(store, call.take_query(), |template| template.text("template_type") == kind)
}

/// `GET /templates/{template_type}/{slug}`
fn show(store: &mut Store, call: &mut Call) -> Reply {
    Ok(TEMPLATE.reply(store, &find(store, call)?))
}

/// `PUT /templates/{template_type}/{slug}`
fn update(store: &mut Store, call: &mut Call) -> Reply {
    let template = find(store, call)?;
    if template.get("original").is_null() {
        let mut kept = template.clone();
        kept.set("original", template.0.clone());
        store.records.put(tables::TEMPLATE, kept);
    }
    TEMPLATE.update(store, template.id(), call.fields()?)
}

/// `POST /templates/{template_type}/{slug}/revert`
fn revert(store: &mut Store, call: &mut Call) -> Reply {
    let template = find(store, call)?;
    let Value::Object(original) = template.get("original").clone() else {
        let sentence = format!("Template with slug {} can't be reverted", call.second_id());
        return Err(TEMPLATE_REVERT_ERROR.because(sentence).into());
    };
    let mut original = Record(original);
    original.set("updated_at", store.now());
    store.records.put(tables::TEMPLATE, original.clone());
    Ok(TEMPLATE.reply(store, &original))
}

/// `POST /templates/{template_type}/{slug}/preview`: variables stand for themselves.
fn preview(store: &mut Store, call: &mut Call) -> Reply {
    let template = find(store, call)?;
    let mut fields = call.fields()?;
    let mut either = |name: &str| {
        fields.text(name).value().map_or_else(|| template.get(name).clone(), Value::from)
    };
    let (subject, body) = (either("subject"), either("body"));
    let (from, to) = (either("from_email_name"), either("reply_to_email_name"));
    fields.finish()?;
    let address =
        |name: &Value| json!(format!("{}@example.com", name.as_str().unwrap_or_default()));
    Ok(reply::json(&json!({
        "subject": subject,
        "body": body,
        "from_email_address": address(&from),
        "reply_to_email_address": address(&to),
    })))
}

/// `POST /templates/{template_type}/{slug}/toggle_delivery`
fn toggle(store: &mut Store, call: &mut Call) -> Reply {
    let mut template = find(store, call)?;
    let mut fields = call.fields()?;
    let delivers = fields.flag("delivered_by_clerk").value();
    fields.finish()?;
    template.set("delivered_by_clerk", delivers.unwrap_or(!template.is("delivered_by_clerk")));
    template.set("updated_at", store.now());
    store.records.put(tables::TEMPLATE, template.clone());
    Ok(TEMPLATE.reply(store, &template))
}
