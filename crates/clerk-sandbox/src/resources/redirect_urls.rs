//! `/redirect_urls`: where mobile applications may be redirected to.

use super::Action::{Create, Delete, List, Show};
use super::Route;
use crate::records::{self, Field, Kind, Shape};
use crate::refusal::DUPLICATE_RECORD;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/redirect_urls", List(&REDIRECT_URL)),
    Route::post("/redirect_urls", Create(&REDIRECT_URL)),
    Route::get("/redirect_urls/{id}", Show(&REDIRECT_URL)),
    Route::delete("/redirect_urls/{id}", Delete(&REDIRECT_URL)),
];

const REDIRECT_URL: Kind = Kind {
    list: records::List::BARE,
    ..Kind::new(
        "redirect_url",
        "ru",
        "RedirectURL",
        &[Field::new("url", Shape::Url).required().unique(&DUPLICATE_RECORD)],
    )
};
